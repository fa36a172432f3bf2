// The work that is timed, as it runs in the page: Outpost's and, on the same data, Dexie's with an outbox of its own in one
// transaction. Each function is handed to the page whole and sees nothing of this module.
import type {} from '../tests/world.js';

interface Table {
  put(value: unknown): Promise<unknown>;
  bulkPut(values: unknown[]): Promise<unknown>;
  clear(): Promise<void>;
}
interface DexieLike {
  version(n: number): { stores(schema: Record<string, string>): void };
  table(name: string): Table;
  transaction(mode: string, tables: Table[], body: () => Promise<unknown>): Promise<unknown>;
  delete(): Promise<void>;
}
declare global {
  interface Window {
    readonly Dexie: new (name: string, options: object) => DexieLike;
    db: DexieLike;
  }
}

export interface Rates {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

const rates = (times: number[], totalMs: number): Rates => {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { perSecond: (times.length / totalMs) * 1000, p50: at(0.5), p99: at(0.99) };
};
export const ratesSource = rates.toString();

/** B1: one durable write after the other. */
export async function outpostAwaited({ count, prefix, rates }: { count: number; prefix: string; rates: string }): Promise<Rates> {
  const items = [1, 2].map((i) => ({ sku: `article-${i}`, name: 'A dish with a longer name', quantity: i, unitPrice: 1250, station: 'grill', note: 'without onions, please' }));
  const times: number[] = [];
  const begin = performance.now();
  for (let i = 0; i < count; ++i) {
    const from = performance.now();
    await window.o.execute('ORDER_CREATE_V1', { id: `${prefix}-${i}`, tableId: 't7', items });
    times.push(performance.now() - from);
  }
  return (eval(`(${rates})`) as (times: number[], ms: number) => Rates)(times, performance.now() - begin);
}

export async function dexieAwaited({ count, prefix, rates }: { count: number; prefix: string; rates: string }): Promise<Rates> {
  const items = [1, 2].map((i) => ({ sku: `article-${i}`, name: 'A dish with a longer name', quantity: i, unitPrice: 1250, station: 'grill', note: 'without onions, please' }));
  const [orders, outbox] = [window.db.table('orders'), window.db.table('outbox')];
  const times: number[] = [];
  const begin = performance.now();
  for (let i = 0; i < count; ++i) {
    const from = performance.now();
    const order = { id: `${prefix}-${i}`, tableId: 't7', items };
    await window.db.transaction('rw', [orders, outbox], async () => {
      await orders.put({ ...order, total: 3750, status: 'NEW', version: 0 });
      await outbox.put({ id: `${prefix}-${i}`, type: 'ORDER_CREATE_V1', payload: order, key: `${prefix}-${i}`, createdAt: Date.now() });
    });
    times.push(performance.now() - from);
  }
  return (eval(`(${rates})`) as (times: number[], ms: number) => Rates)(times, performance.now() - begin);
}

/** B2: 1,000 calls under way all the time. */
export async function outpostInFlight({ count, prefix }: { count: number; prefix: string }): Promise<number> {
  const inFlight = 1_000;
  const items = [{ sku: 'article-1', name: 'A dish with a longer name', quantity: 1, unitPrice: 1250, station: 'grill' }];
  let next = 0;
  const begin = performance.now();
  const worker = async (): Promise<void> => {
    while (next < count) await window.o.execute('ORDER_CREATE_V1', { id: `${prefix}-${next++}`, tableId: 't7', items });
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return (count / (performance.now() - begin)) * 1000;
}

/** B3: what the server has, into an empty store; with the longest main-thread task meanwhile. */
export async function outpostPull({ user, token }: { user: string; token: string }): Promise<{ ms: number; longest: number; documents: number }> {
  let longest = 0;
  const note = (entries: PerformanceEntryList): void => entries.forEach((entry) => (longest = Math.max(longest, entry.duration)));
  const observer = new PerformanceObserver((list) => note(list.getEntries()));
  observer.observe({ type: 'longtask' });
  const begin = performance.now();
  const o = await window.outpost.openOutpost({ workspace: 'w', user, token, live: false });
  await new Promise<void>((done) => {
    const look = (): void => void (o.status.caughtUp && done());
    o.on('status', look);
    look();
  });
  const ms = performance.now() - begin;
  const documents = await o.count({ collection: 'orders' });
  await new Promise((done) => setTimeout(done)); // the last task is noted when it has ended
  note(observer.takeRecords());
  observer.disconnect();
  await o.close();
  return { ms, longest, documents };
}

export async function dexiePull({ token }: { token: string }): Promise<number> {
  const [orders, meta] = [window.db.table('orders'), window.db.table('meta')];
  await orders.clear();
  const begin = performance.now();
  for (let cursor = '', more = true; more; ) {
    const answer = await fetch(`/sync/changes?limit=2000${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`, { headers: { Authorization: `Bearer ${token}` } });
    const page = (await answer.json()) as { changes: { collection: string; doc: object }[]; cursor: string; more: boolean };
    await window.db.transaction('rw', [orders, meta], async () => {
      await orders.bulkPut(page.changes.filter((change) => change.collection === 'orders').map((change) => change.doc));
      await meta.put({ name: 'cursor', value: page.cursor });
    });
    ({ cursor, more } = page);
  }
  return performance.now() - begin;
}

export function openDexie({ name, durability }: { name: string; durability: 'strict' | 'relaxed' }): void {
  window.db = new window.Dexie(name, { chromeTransactionDurability: durability });
  window.db.version(1).stores({ orders: 'id,status,tableId', outbox: 'id', meta: 'name' });
}
