import { appConfig } from '@outpost/app-shell/vite';

export default appConfig('start', { worker: false });
