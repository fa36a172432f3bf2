import { installShell, type ShellContents } from '@outpost/client/service-worker';

/** The files of this build, put in by it (app-shell/vite.js). */
declare const __OUTPOST_SHELL__: ShellContents;

// How long a navigation waits for the network before the kept page is shown.
const networkMs = 400;

installShell({ ...__OUTPOST_SHELL__, networkMs });
