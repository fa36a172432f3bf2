// What an evening looks like: orders without a line, reloads, a browser that dies, and everything once on the server.
import { describe, expect, it } from 'vitest';
import { cake, execute, openDevice, settled, statusOf, tea, until, useWorld } from './world.js';

const world = useWorld();

async function killBrowser(): Promise<void> {
  const gone = new Promise((done) => world.browser.context.once('close', done));
  process.kill(world.browser.pid, 'SIGKILL');
  await gone;
  await world.browser.open();
}

describe('an evening', () => {
  it('an order begun offline survives a reload and a killed browser, and is one order on the server', async () => {
    let page = await world.page('ann');
    await until(page, { caughtUp: true });
    world.origin.setMode('down');
    await execute(page, 'ORDER_CREATE_V1', { id: 'evening-1', items: [tea] });
    await execute(page, 'ORDER_SEND_TO_KITCHEN_V1', { id: 'evening-1' });
    await page.reload();
    await page.waitForFunction('window.ready === true');
    await openDevice(page, 'ann', world.server.token('ann'));
    await execute(page, 'ORDER_ADD_ITEMS_V1', { id: 'evening-1', items: [cake] });
    await killBrowser();
    page = await world.page('ann');
    const before = await page.evaluate(() => window.o.get<{ total: number }>({ collection: 'orders', id: 'evening-1' }));
    expect(before).toMatchObject({ pending: true, doc: { total: 900, status: 'SENT' } });
    world.origin.setMode('open');
    await settled(page);
    const orders = (await world.server.orders()).filter((order) => order['id'] === 'evening-1');
    expect(orders).toHaveLength(1);
    expect(orders[0]).toMatchObject({ total: 900, status: 'SENT' });
    expect((await statusOf(page)).waiting).toBe(0);
  });

  it('products are there without a line, and what three offline orders sold is off the stock once', async () => {
    await world.server.post('/catalog/products', { sku: 'soup', name: 'Soup', price: 500 });
    await world.server.post('/inventory/counts', { sku: 'soup', quantity: 10 });
    const page = await world.page('bea');
    await until(page, { caughtUp: true });
    world.origin.setMode('down');
    await page.reload();
    await page.waitForFunction('window.ready === true');
    await openDevice(page, 'bea', world.server.token('bea'));
    const products = await page.evaluate(() => window.o.query<{ name: string }>({ collection: 'products', where: { sku: 'soup' } }));
    expect(products.map((one) => one.doc.name)).toEqual(['Soup']);
    for (const id of ['sold-1', 'sold-2', 'sold-3']) {
      await execute(page, 'ORDER_CREATE_V1', { id, items: [{ sku: 'soup', name: 'Soup', quantity: 1, unitPrice: 500 }] });
      await execute(page, 'ORDER_CLOSE_V1', { id, payment: { method: 'CASH', amount: 500 } });
    }
    const local = await page.evaluate(() => window.o.get<{ onHand: number }>({ collection: 'stock', id: 'soup' }));
    expect(local?.doc.onHand).toBe(7);
    world.origin.setMode('open');
    await settled(page);
    expect(await world.server.get('/inventory/stock?sku=soup')).toMatchObject({ onHand: 7 });
    expect(await page.evaluate(() => window.o.queue({ status: ['PENDING', 'FAILED', 'CONFLICT', 'BLOCKED'] }))).toEqual([]);
  });

  it('a record goes from pending to synced', async () => {
    const page = await world.page('cid');
    await until(page, { caughtUp: true });
    const seen = await page.evaluate(async (items) => {
      const seen: string[] = [];
      const orders = window.o.liveQuery({ collection: 'orders', where: { tableId: 'badge' } });
      await orders.ready;
      const note = () => seen.push(orders.current.documents.map((one) => (one.pending ? 'pending' : 'synced')).join());
      orders.subscribe(note);
      await window.o.execute('ORDER_CREATE_V1', { id: 'badge-1', tableId: 'badge', items });
      await window.o.settled();
      while (seen.at(-1) !== 'synced') await new Promise((resolve) => setTimeout(resolve, 10));
      return seen;
    }, [tea]);
    // Once pending, once synced: it never goes back.
    expect(seen.filter((one, i) => one !== seen[i - 1])).toEqual(['pending', 'synced']);
  });

  it('and from pending to conflict, where a person chooses', async () => {
    await world.server.post('/pos/orders', { id: 'clash', tableId: 't1', items: [tea] });
    const page = await world.page('dan');
    await until(page, { caughtUp: true });
    world.origin.setMode('down');
    const id = await page.evaluate(async () => {
      const badge: string[] = [];
      const queue = window.o.liveQueue({ resource: { collection: 'orders', id: 'clash' } });
      queue.subscribe(() => badge.push(queue.current.map((one) => one.status).join()));
      Object.assign(window, { badge });
      const seen = await window.o.get({ collection: 'orders', id: 'clash' });
      return (await window.o.execute('ORDER_MODIFY_V1', { id: 'clash', tableId: 'mine' }, { expectedVersion: seen?.version ?? 0 })).id;
    });
    const patch = await fetch(`${world.server.url}/pos/orders/clash`, {
      method: 'PATCH',
      headers: { Authorization: `Bearer ${world.server.token()}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ tableId: 'theirs' }),
    });
    expect(patch.status).toBe(200);
    world.origin.setMode('open');
    await until(page, { quarantined: 1 });
    const badge = (): Promise<string[]> => page.evaluate(() => (window as unknown as { badge: string[] }).badge);
    await expect.poll(async () => (await badge()).at(-1)).toBe('CONFLICT');
    expect((await badge()).filter((one, i, all) => one !== '' && one !== all[i - 1])).toEqual(['PENDING', 'CONFLICT']);
    const [conflict] = await page.evaluate(() => window.o.conflicts());
    expect(conflict).toMatchObject({ conflictType: 'VERSION_CONFLICT', theirs: { tableId: 'theirs' }, canForce: true });
    expect(conflict?.diff).toEqual([{ field: 'tableId', yours: 'mine', theirs: 'theirs' }]);
    await page.evaluate((id) => window.o.latest(id), id);
    await settled(page);
    expect(await world.server.get('/pos/orders/clash')).toMatchObject({ tableId: 'mine' });
    await expect.poll(async () => (await badge()).at(-1)).toBe('SUCCEEDED');
  });

  it('what others do arrives by the live stream', async () => {
    const page = await world.page('eve');
    await until(page, { live: true });
    await page.evaluate(() => void Object.assign(window, { watched: window.o.liveQuery({ collection: 'orders', where: { tableId: 'live' } }) }));
    await world.server.post('/pos/orders', { id: 'live-1', tableId: 'live', items: [tea] });
    await page.waitForFunction(() => (window as unknown as { watched: { current: { documents: unknown[] } } }).watched.current.documents.length === 1);
  });

  it('and by polling where something on the way lets no stream through', async () => {
    world.origin.intercept = (request, response) => request.url?.startsWith('/sync/live') === true && response.writeHead(502).end() !== undefined;
    const page = await world.page('fay');
    await until(page, { caughtUp: true });
    await page.evaluate(() => void Object.assign(window, { watched: window.o.liveQuery({ collection: 'orders', where: { tableId: 'polled' } }) }));
    await world.server.post('/pos/orders', { id: 'polled-1', tableId: 'polled', items: [tea] });
    await page.waitForFunction(() => (window as unknown as { watched: { current: { documents: unknown[] } } }).watched.current.documents.length === 1);
    expect((await statusOf(page)).live).toBe(false);
    expect(world.origin.requests).toContain('GET /sync/live');
  });
});
