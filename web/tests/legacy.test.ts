// Queues of the older browser database come in once, however often they are imported, and stay where they are.
import { describe, expect, it } from 'vitest';
import { settled, tea, until, useWorld } from './world.js';

const world = useWorld();

describe('an older queue', () => {
  it('is imported once', async () => {
    const page = await world.page('ann');
    await until(page, { caughtUp: true });
    const counts = await page.evaluate(async (items) => {
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        const opening = indexedDB.open('offline-pos', 3);
        opening.onupgradeneeded = () => {
          opening.result.createObjectStore('order_queue', { keyPath: 'id', autoIncrement: true });
          opening.result.createObjectStore('kv');
          opening.result.createObjectStore('outbox', { keyPath: 'id', autoIncrement: true });
          opening.result.createObjectStore('id_map', { keyPath: 'localId' });
        };
        opening.onsuccess = () => resolve(opening.result);
        opening.onerror = () => reject(opening.error);
      });
      const write = database.transaction(['order_queue', 'outbox', 'id_map'], 'readwrite');
      write.objectStore('order_queue').add({ payload: { items }, idempotencyKey: 'old-key-1' });
      write.objectStore('order_queue').add({ payload: { items } });
      write.objectStore('order_queue').add({ payload: { items }, status: 'synced' });
      write.objectStore('outbox').add({ method: 'POST', url: '/api/pos/orders', body: { id: 'old-order', items } });
      write.objectStore('outbox').add({ method: 'POST', url: '/api/pos/orders/old-order/send-to-kitchen', body: {} });
      write.objectStore('outbox').add({ what: 'nonsense' });
      await new Promise((done) => (write.oncomplete = done));
      database.close();
      const first = await window.o.importLegacy();
      const again = await window.o.importLegacy();
      return { first: [first.taken, first.known, first.skipped.length], again: [again.taken, again.known, again.skipped.length] };
    }, [tea]);
    expect(counts).toEqual({ first: [4, 0, 1], again: [0, 4, 1] });
    await settled(page);
    const orders = await world.server.orders();
    expect(orders).toHaveLength(3);
    expect(orders.find((order) => order['id'] === 'old-order')).toMatchObject({ status: 'SENT' });
  });

  it('that is not there changes nothing', async () => {
    const page = await world.page('bea');
    expect(await page.evaluate(() => window.o.importLegacy({ database: 'never-was' }))).toEqual({ taken: 0, known: 0, skipped: [] });
    expect(await page.evaluate(async () => (await indexedDB.databases()).map((one) => one.name))).not.toContain('never-was');
  });
});
