// What goes wrong in the world: servers that die, tokens that end, disks that are full, networks that lie.
import { describe, expect, it } from 'vitest';
import { execute, openDevice, quick, settled, statusOf, tea, until, useWorld } from './world.js';

const world = useWorld();
const order = (id: string) => ({ id, items: [tea] });

async function serverHas(prefix: string): Promise<string[]> {
  return (await world.server.orders()).map((one) => String(one['id'])).filter((id) => id.startsWith(prefix)).sort();
}

describe('faults', () => {
  it('a server that is killed in the middle of a flush gets everything once', async () => {
    const page = await world.page('ann');
    await until(page, { caughtUp: true });
    world.origin.setMode('down');
    await page.evaluate((items) => Promise.all(Array.from({ length: 300 }, (_, i) => window.o.execute('ORDER_CREATE_V1', { id: `killed-${i}`, items }))), [tea]);
    let flushed = 0;
    world.origin.loseAnswer = (request) => request.url === '/sync/commands' && ++flushed === 1;
    world.origin.setMode('open');
    await page.waitForFunction(() => window.o.status.inFlight > 0, undefined, { polling: 5 });
    await world.server.kill();
    await new Promise((done) => setTimeout(done, 300));
    await world.server.restart();
    await settled(page);
    expect(flushed).toBeGreaterThan(1);
    expect(await serverHas('killed-')).toHaveLength(300);
    expect(await page.evaluate(async () => (await window.o.queue({ status: 'SUCCEEDED' })).length)).toBe(300);
  });

  it('a token that ends in the middle of a flush is renewed, and nothing is lost', async () => {
    const orders = 120;
    const page = await world.page('bea', { sync: { ...quick, batchCommandsMax: 20 } });
    await until(page, { caughtUp: true });
    world.origin.setMode('down');
    await page.evaluate(
      ({ orders, items }) => Promise.all(Array.from({ length: orders }, (_, i) => window.o.execute('ORDER_CREATE_V1', { id: `token-${i}`, items }))),
      { orders, items: [tea] },
    );
    // Its hour strikes after the first batch.
    const old = `Bearer ${await page.evaluate(() => window.token)}`;
    let batches = 0;
    world.origin.authorize = (request) => {
      if (request.url === '/sync/commands') batches += 1;
      return batches > 1 && request.headers.authorization === old ? `Bearer ${world.server.expiredToken('bea')}` : undefined;
    };
    world.origin.setMode('open');
    await until(page, { signInNeeded: true, inFlight: 0 });
    const { waiting } = await statusOf(page);
    expect(waiting).toBeGreaterThan(0);
    expect(waiting).toBeLessThan(orders);
    await page.evaluate((token) => {
      window.token = token;
      window.o.tokenChanged();
    }, world.server.token('bea', ['--ttl', '1h']));
    await settled(page);
    expect((await statusOf(page)).signInNeeded).toBe(false);
    expect(await serverHas('token-')).toHaveLength(orders);
    expect(await page.evaluate(async () => (await window.o.queue({ status: 'SUCCEEDED' })).length)).toBe(orders);
  });

  it('a token that has ended is asked for anew, without anybody being bothered', async () => {
    const page = await world.browser.page(world.origin.url);
    const tokens = { old: world.server.expiredToken('hal'), fresh: world.server.token('hal') };
    const asked = await page.evaluate(
      async ({ tokens, items }) => {
        const asked: string[] = [];
        const token = (why: 'start' | 'expired'): string => (asked.push(why), why === 'start' ? tokens.old : tokens.fresh);
        window.o = await window.outpost.openOutpost({ workspace: 'w', user: 'hal', token });
        await window.o.execute('ORDER_CREATE_V1', { id: 'renewed-1', items });
        await window.o.settled();
        return asked;
      },
      { tokens, items: [tea] },
    );
    expect(asked[0]).toBe('start');
    expect(asked).toContain('expired');
    expect(await serverHas('renewed-')).toEqual(['renewed-1']);
    expect((await statusOf(page)).signInNeeded).toBe(false);
  });

  it('a full storage refuses the new write with a clear error and keeps the others', async () => {
    const page = await world.page('cid');
    await until(page, { caughtUp: true });
    world.origin.setMode('down');
    await execute(page, 'ORDER_CREATE_V1', order('quota-1'));
    const session = await world.browser.context.newCDPSession(page);
    await session.send('Storage.overrideQuotaForOrigin', { origin: world.origin.url, quotaSize: 1 });
    const refused = await page.evaluate(async (note) => {
      const items = [{ sku: 'tea', name: 'Tea', quantity: 1, unitPrice: 1, note }];
      for (let i = 0; i < 200; ++i) {
        try {
          await window.o.execute('ORDER_CREATE_V1', { id: `quota-big-${i}`, items });
        } catch (error) {
          return { code: (error as { code: string }).code, accepted: i };
        }
      }
      return { code: 'none', accepted: 200 };
    }, 'x'.repeat(200));
    expect(refused.code).toBe('QUEUE_FULL');
    await session.send('Storage.overrideQuotaForOrigin', { origin: world.origin.url });
    await execute(page, 'ORDER_CREATE_V1', order('quota-2'));
    world.origin.setMode('open');
    await settled(page);
    expect(await serverHas('quota-')).toHaveLength(refused.accepted + 2);
  });

  it('without private files it works on in memory, and says that it is not durable', async () => {
    const page = await world.browser.page(world.origin.url);
    await page.evaluate(async (token) => {
      const worker = (): Worker => new Worker('/page/no_files_worker.js', { type: 'module' });
      window.o = await window.outpost.openOutpost({ workspace: 'w', user: 'dan', token, worker });
    }, world.server.token('dan'));
    const { storage } = await statusOf(page);
    expect(storage).toMatchObject({ kind: 'memory', durable: false });
    expect(storage.reason).toContain('refused');
    await execute(page, 'ORDER_CREATE_V1', order('memory-1'));
    await settled(page);
    expect(await serverHas('memory-')).toEqual(['memory-1']);
  });

  it('a captive portal’s page settles nothing', async () => {
    const page = await world.page('eve');
    await until(page, { caughtUp: true });
    world.origin.setMode('portal');
    await execute(page, 'ORDER_CREATE_V1', order('portal-1'));
    await until(page, { online: false, waiting: 1 });
    expect(await page.evaluate(async () => (await window.o.queue()).map((one) => one.status))).toEqual(['PENDING']);
    expect(await page.evaluate(() => window.o.probe())).toBe(false);
    world.origin.setMode('open');
    await settled(page);
    expect(await serverHas('portal-')).toEqual(['portal-1']);
  });

  it('logout with work waiting is refused, or takes the work along', async () => {
    const page = await world.page('fay');
    await until(page, { caughtUp: true });
    world.origin.setMode('down');
    await execute(page, 'ORDER_CREATE_V1', order('logout-1'));
    expect(await page.evaluate(() => window.o.logout().then(() => 'gone', (error: { code: string }) => error.code))).toBe('REFUSED');
    const file = await page.evaluate(async () => {
      let saved = '';
      await window.o.logout({ waiting: 'export', save: (text) => void (saved = text) });
      return saved;
    });
    expect(file).toContain('logout-1');
    await page.reload();
    await page.waitForFunction('window.ready === true');
    await openDevice(page, 'fay', world.server.token('fay'));
    expect(await page.evaluate(() => window.o.queue())).toEqual([]);
    expect(await page.evaluate((file) => window.o.importQueue(file), file)).toEqual({ taken: 1, known: 0 });
    world.origin.setMode('open');
    await settled(page);
    expect(await serverHas('logout-')).toEqual(['logout-1']);
  });

  it('a wiped storage is noticed, with what the server knows of the device', async () => {
    const page = await world.page('gus');
    await execute(page, 'ORDER_CREATE_V1', order('wiped-1'));
    await settled(page);
    world.origin.setMode('down');
    await execute(page, 'ORDER_CREATE_V1', order('wiped-2'));
    const device = (await statusOf(page)).device;
    await page.evaluate(() => window.o.close());
    await page.evaluate(async () => {
      const root = await navigator.storage.getDirectory();
      await root.removeEntry('outpost', { recursive: true });
    });
    world.origin.setMode('open');
    const lost = await page.evaluate(async (token) => {
      const o = await window.outpost.openOutpost({ workspace: 'w', user: 'gus', token });
      window.o = o;
      return new Promise((resolve) => o.on('storeLost', resolve));
    }, world.server.token('gus'));
    expect(lost).toEqual({ device, highestN: 1, lastN: 2, missing: 1 });
    expect((await statusOf(page)).device).toBe(device);
  });
});
