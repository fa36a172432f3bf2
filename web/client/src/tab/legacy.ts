// Queues of the older browser database (O15). Version 2 has `order_queue` and `kv`; version 3 also `outbox` and its map
// of ids. Each waiting item becomes a command once: under the key it had, or one made from where it lies. Nothing is changed there.
import type { JsonObject, JsonValue, LegacyImported, LegacyImportOptions, Method, WriteRequest } from '../api.js';

const defaultDatabase = 'offline-pos';
const stores = ['order_queue', 'outbox'] as const;
const idMapStores = ['id_map', 'idMap'] as const;
const ended = ['synced', 'succeeded', 'done', 'discarded'];
const methods: readonly Method[] = ['POST', 'PUT', 'PATCH', 'DELETE'];

interface LegacyItem {
  readonly store: string;
  readonly item: JsonObject;
  readonly place: string;
}

function request<T>(wish: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    wish.onsuccess = () => resolve(wish.result);
    wish.onerror = () => reject(wish.error ?? new Error('IndexedDB failed'));
  });
}

// Opening a database that is not there would make it: a version 0 upgrade is taken back.
function openExisting(name: string): Promise<IDBDatabase | undefined> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(name);
    let absent = false;
    opening.onupgradeneeded = () => {
      absent = true;
      opening.transaction?.abort();
    };
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => (absent ? resolve(undefined) : reject(opening.error ?? new Error('IndexedDB failed')));
  });
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function readStore(database: IDBDatabase, store: string): Promise<LegacyItem[]> {
  if (!database.objectStoreNames.contains(store)) return [];
  const transaction = database.transaction(store, 'readonly');
  const [keys, values] = await Promise.all([
    request(transaction.objectStore(store).getAllKeys()),
    request(transaction.objectStore(store).getAll() as IDBRequest<unknown[]>),
  ]);
  return values.flatMap((value, i) => (isObject(value) ? [{ store, item: value, place: String(keys[i]) }] : []));
}

/** Ids that the older client had learned of the server: written into what still names the local ones. */
async function readIdMap(database: IDBDatabase): Promise<ReadonlyMap<string, string>> {
  const map = new Map<string, string>();
  for (const store of idMapStores) {
    for (const { item, place } of await readStore(database, store)) {
      const local = text(item, 'localId', 'local', 'tempId') ?? place;
      const server = text(item, 'serverId', 'server', 'realId');
      if (server !== undefined) map.set(local, server);
    }
  }
  return map;
}

function text(item: JsonObject, ...names: readonly string[]): string | undefined {
  const found = names.map((name) => item[name]).find((value) => typeof value === 'string' && value !== '');
  return typeof found === 'string' ? found : undefined;
}

function resolve(value: JsonValue, ids: ReadonlyMap<string, string>): JsonValue {
  if (typeof value === 'string') return ids.get(value) ?? value;
  if (Array.isArray(value)) return value.map((one: JsonValue) => resolve(one, ids));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, resolve(one, ids)]));
}

function pathOf(url: string, ids: ReadonlyMap<string, string>): string {
  const path = url.replace(/^[a-z]+:\/\/[^/]+/i, '').replace(/^\/api(?=\/)/, '');
  return path
    .split('/')
    .map((segment) => ids.get(segment) ?? segment)
    .join('/');
}

/** By its method and URL, or, in a queue of orders, by being one. */
export function requestOfItem(item: JsonObject, store: string, ids: ReadonlyMap<string, string> = new Map()): WriteRequest | null {
  const wanted = (text(item, 'method') ?? 'POST').toUpperCase();
  const method = methods.find((one) => one === wanted);
  const url = text(item, 'url', 'path', 'endpoint') ?? (store === 'order_queue' ? '/pos/orders' : undefined);
  const found = [item['body'], item['payload'], item['data'], item['order']].find((one) => isObject(one) || typeof one === 'string');
  const body: unknown = typeof found === 'string' ? JSON.parse(found) : found;
  if (method === undefined || url === undefined) return null;
  if (method === 'DELETE' && body === undefined) return { method, path: pathOf(url, ids) };
  if (!isObject(body)) return null;
  return { method, path: pathOf(url, ids), body: resolve(withoutKeys(body), ids) as JsonObject };
}

function withoutKeys(body: JsonObject): JsonObject {
  const { _idempotencyKey: _a, clientRequestId: _b, ...rest } = body;
  return rest;
}

function keyOf({ item, store, place }: LegacyItem, database: string): string {
  const body = [item['body'], item['payload']].find(isObject);
  const given = text(item, 'idempotencyKey', 'clientRequestId', 'key') ?? (body === undefined ? undefined : text(body, '_idempotencyKey', 'clientRequestId'));
  return given ?? `legacy:${database}:${store}:${place}`.replace(/[^\x21-\x7e]/g, '_').slice(0, 255);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export async function importLegacyQueue(
  options: LegacyImportOptions,
  known: (key: string) => Promise<boolean>,
  enqueue: (write: WriteRequest) => Promise<unknown>,
): Promise<LegacyImported> {
  const name = options.database ?? defaultDatabase;
  const database = await openExisting(name);
  if (database === undefined) return { taken: 0, known: 0, skipped: [] };
  const result = { taken: 0, known: 0, skipped: [] as { item: JsonObject; reason: string }[] };
  try {
    const ids = await readIdMap(database);
    const items = (await Promise.all(stores.map((store) => readStore(database, store)))).flat();
    for (const found of items) {
      const status = text(found.item, 'status');
      if (status !== undefined && ended.includes(status.toLowerCase())) continue;
      const key = keyOf(found, name);
      try {
        const write = options.map === undefined ? requestOfItem(found.item, found.store, ids) : options.map(found.item);
        if (write === null) {
          result.skipped.push({ item: found.item, reason: 'no write can be made of it' });
        } else if (await known(write.key ?? key)) {
          result.known += 1;
        } else {
          await enqueue({ ...write, key: write.key ?? key });
          result.taken += 1;
        }
      } catch (error) {
        result.skipped.push({ item: found.item, reason: reasonOf(error) });
      }
    }
  } finally {
    database.close();
  }
  return result;
}

/** What an item without an id creates: always the same, so that importing it twice makes one thing. */
export async function stableIdOf(key: string | undefined): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key ?? ''));
  return `legacy-${Array.from(new Uint8Array(digest).subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
