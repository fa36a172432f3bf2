// @outpost/client: see api.ts for what it promises.
import type { OpenOutpost, Outpost, OutpostOptions } from './api.js';
import { OutpostClient } from './tab/outpost_client.js';

export type * from './api.js';
export { OutpostError } from './errors.js';
export { directionOf, messageOf, pageLocale } from './messages.js';
export { registerShell } from './tab/shell.js';
export { newUlid } from './ulid.js';

// Written out here so that bundlers find the worker's script by it.
const ownWorker = (): Worker => new Worker(new URL('./worker/main.js', import.meta.url), { type: 'module', name: 'outpost' });

/** Opens the store of this workspace and user, or joins the tab that has it open. */
export const openOutpost: OpenOutpost = (options: OutpostOptions): Promise<Outpost> =>
  OutpostClient.open(options, options.worker ?? ownWorker);
