// From what the application says to what the worker needs; what is wrong is said before anything is opened.
import type { OutpostOptions } from '../api.js';
import { OutpostError } from '../errors.js';
import { storeNameOf } from '../engine/opfs_files.js';
import type { OpenMessage, Remembered } from '../worker/messages.js';
import { deviceOfToken } from './token_keeper.js';

const pollMs = 5_000;
export const patienceMs = 10_000;
const idPattern = /^[A-Za-z0-9_.:-]{1,128}$/;

export function baseUrlOf(options: OutpostOptions): string {
  return new URL(options.url ?? '/', location.href).href.replace(/\/+$/, '');
}

export function storeOf(options: OutpostOptions): string {
  return storeNameOf(options.workspace, options.sharing === 'terminal' ? null : options.user);
}

export function checkOptions(options: OutpostOptions): void {
  if (!idPattern.test(options.workspace)) throw new OutpostError('INVALID_ARGUMENT', 'workspace: 1 to 128 of A-Z a-z 0-9 _ . : -');
  const nobody = options.sharing === 'terminal' && options.user === '';
  if (!nobody && !idPattern.test(options.user)) throw new OutpostError('INVALID_ARGUMENT', 'user: 1 to 128 of A-Z a-z 0-9 _ . : -');
}

const engineNames = [
  'workspace',
  'user',
  'sharing',
  'collections',
  'scope',
  'scoped',
  'sensitive',
  'storeSensitive',
  'indexes',
  'currency',
  'release',
  'sync',
  'waitingAlert',
  'waitingMax',
  'historyMs',
  'historyRowsMax',
  'auditMs',
] as const satisfies readonly (keyof OutpostOptions)[];

export function openMessageOf(options: OutpostOptions, tab: string, token: string | null, remembered: Remembered | undefined): OpenMessage {
  const given = engineNames.filter((name) => options[name] !== undefined).map((name) => [name, options[name]] as const);
  const device = deviceOfToken(token);
  return {
    kind: 'open',
    engine: { ...Object.fromEntries(given), ...(device === undefined ? {} : { device }) },
    url: baseUrlOf(options),
    engineUrl: String(options.engineUrl ?? new URL('../outpost.wasm', import.meta.url)),
    store: storeOf(options),
    durable: options.storage !== 'memory',
    live: options.live ?? true,
    pollMs: options.sync?.pullIntervalMs ?? pollMs,
    tab,
    title: `${document.title} ${location.pathname}`.trim(),
    ...(remembered === undefined ? {} : { remembered }),
    lineUp: navigator.onLine,
  };
}
