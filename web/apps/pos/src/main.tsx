import { startApp } from '@outpost/app-shell';
import { messages } from './messages.js';
import { Till } from './till.js';
import '@outpost/app-shell/fonts.css';
import '@outpost/react/tokens.css';
import '@outpost/react/styles.css';
import '@outpost/app-shell/shell.css';
import './pos.css';

const user = new URLSearchParams(location.search).get('user') ?? 'mina';

startApp({
  identity: { app: 'pos', user, roles: ['staff'] },
  messages,
  options: {
    collections: ['orders', 'tickets', 'products', 'stock', 'settings'],
    indexes: [
      { collection: 'orders', fields: ['status'] },
      { collection: 'orders', fields: ['createdAt'] },
      { collection: 'orders', fields: ['tableId'] },
    ],
    release: 'till-1',
  },
  render: (context) => <Till {...context} />,
});
