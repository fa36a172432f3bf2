import { createRoot } from 'react-dom/client';
import { StartPage } from './start_page.js';
import '@outpost/app-shell/fonts.css';
import '@outpost/react/tokens.css';
import '@outpost/react/styles.css';
import '@outpost/app-shell/shell.css';
import './start.css';

createRoot(document.getElementById('app') as HTMLElement).render(<StartPage />);
