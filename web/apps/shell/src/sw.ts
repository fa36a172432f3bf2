// The service worker of every application: keeps the files of its build. The text below is put in by the build (vite.js).
import { installShell, type ShellContents } from '@outpost/client/service-worker';

const navigationMs = 400;

installShell({ ...(JSON.parse('__OUTPOST_SHELL__') as ShellContents), networkMs: navigationMs });
