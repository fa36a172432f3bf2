// For an application's service worker script: keeps the shell, and wakes tabs when the line is back.
//
//   import { installShell } from '@outpost/client/service-worker';
//   installShell({ version: BUILD_ID, files: ['./', './assets/index-1a2b.js', …] });
//
// Files named in `files` are kept at installation, whole or not at all. Pages come from the network when it answers within
// a moment, else from the shell; files with a hash in their name come from the shell first. Requests of data never
// pass here: they are the engine's.

export interface ShellContents {
  /** Another one with each build: a new version replaces the old one when no page uses it any more. */
  readonly version: string;
  readonly files: readonly string[];
  /** The page for every navigation in scope. Default: the first of the files. */
  readonly page?: string;
  /** How long a navigation waits for the network. Default 1 s; 0: the shell at once. */
  readonly networkMs?: number;
}

interface Extendable extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface FetchLike extends Extendable {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}
interface SyncLike extends Extendable {
  readonly tag: string;
}
interface ServiceScope {
  readonly registration: { readonly scope: string };
  readonly clients: {
    matchAll(options: { type: 'window'; includeUncontrolled: boolean }): Promise<readonly { postMessage(message: unknown): void }[]>;
    claim(): Promise<void>;
  };
  addEventListener(type: 'install' | 'activate', listener: (event: Extendable) => void): void;
  addEventListener(type: 'fetch', listener: (event: FetchLike) => void): void;
  addEventListener(type: 'sync', listener: (event: SyncLike) => void): void;
}

const cachePrefix = 'outpost-shell:';
const wakeMessage = 'outpost:sync';
const networkMs = 1_000;

export function installShell(contents: ShellContents): void {
  const scope = self as unknown as ServiceScope;
  const ours = `${cachePrefix}${scope.registration.scope}:`;
  const name = ours + contents.version;
  const addresses = contents.files.map((file) => new URL(file, scope.registration.scope).href);
  const page = new URL(contents.page ?? contents.files[0] ?? './', scope.registration.scope).href;
  const kept = new Set(addresses);

  scope.addEventListener('install', (event) => {
    event.waitUntil(caches.open(name).then((cache) => cache.addAll(addresses.map((address) => new Request(address, { cache: 'reload' })))));
  });
  scope.addEventListener('activate', (event) => {
    event.waitUntil(dropOlder(ours, name).then(() => scope.clients.claim()));
  });
  scope.addEventListener('fetch', (event) => {
    const { request } = event;
    if (request.method !== 'GET') return;
    if (request.mode === 'navigate') return event.respondWith(navigation(request, name, page, contents.networkMs ?? networkMs));
    if (kept.has(request.url)) event.respondWith(fromShell(request, name));
  });
  scope.addEventListener('sync', (event) => {
    if (event.tag === wakeMessage) event.waitUntil(wakeTabs(scope));
  });
}

async function dropOlder(ours: string, name: string): Promise<void> {
  for (const old of await caches.keys()) {
    if (old.startsWith(ours) && old !== name) await caches.delete(old);
  }
}

async function fromShell(request: Request, name: string): Promise<Response> {
  const cache = await caches.open(name);
  return (await cache.match(request)) ?? fetch(request);
}

// A captive portal answers navigations with pages of its own, mostly by redirects: those are not the application.
async function navigation(request: Request, name: string, page: string, withinMs: number): Promise<Response> {
  const cache = await caches.open(name);
  const shell = await cache.match(page);
  if (shell === undefined) return fetch(request);
  if (withinMs === 0) return shell;
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), withinMs);
  try {
    const fresh = await fetch(request, { signal: stop.signal });
    return fresh.ok && !fresh.redirected ? fresh : shell;
  } catch {
    return shell;
  } finally {
    clearTimeout(timer);
  }
}

async function wakeTabs(scope: ServiceScope): Promise<void> {
  for (const tab of await scope.clients.matchAll({ type: 'window', includeUncontrolled: true })) tab.postMessage(wakeMessage);
}
