import { startApp } from '@outpost/app-shell';
import { Kitchen } from './kitchen.js';
import { messages } from './messages.js';
import '@outpost/app-shell/fonts.css';
import '@outpost/react/tokens.css';
import '@outpost/react/styles.css';
import '@outpost/app-shell/shell.css';
import './kitchen.css';

const user = new URLSearchParams(location.search).get('user') ?? 'kitchen';

startApp({
  identity: { app: 'kitchen', user, roles: ['kitchen'] },
  messages,
  options: { collections: ['tickets'], indexes: [{ collection: 'tickets', fields: ['status'] }], release: 'kitchen-1' },
  render: (context) => <Kitchen {...context} />,
});
