import { installShell, type ShellContents } from '@outpost/client/service-worker';

// How long a navigation waits for the network before the kept page is shown.
const networkMs = 400;

// The build puts the list of its files in here (app-shell/vite.js).
installShell({ ...(JSON.parse('__OUTPOST_SHELL__') as ShellContents), networkMs });
