// Writes by path: queued, rejected, left to the caller; one key whichever way they go.
import { describe, expect, it } from 'vitest';
import { settled, tea, until, useWorld } from './world.js';

const world = useWorld();

describe('a write by path', () => {
  it('gives the server’s word online, and one order', async () => {
    const page = await world.page('ann');
    await until(page, { caughtUp: true });
    const answer = await page.evaluate((items) => window.o.post('/pos/orders', { tableId: 't1', items }), [tea]);
    expect(answer).toMatchObject({ queued: false, data: { version: 1, status: 'NEW' } });
    expect(await world.server.get(`/pos/orders/${String(answer.data?.['id'])}`)).toMatchObject({ tableId: 't1' });
  });

  it('is queued without a line, and a later one lands on the same order', async () => {
    const page = await world.page('bea');
    await until(page, { caughtUp: true });
    world.origin.setMode('down');
    await page.evaluate(() => window.o.probe());
    const [first, second] = await page.evaluate(async (items) => {
      const first = await window.o.post('/pos/orders', { id: 'by-path', items }, { key: 'submit-1', patienceMs: 300 });
      const again = await window.o.post('/pos/orders', { id: 'by-path', items }, { key: 'submit-1', patienceMs: 300 });
      if (again.id !== first.id) throw new Error('the same key is another command');
      const second = await window.o.post('/pos/orders/by-path/items', { items }, { patienceMs: 300 });
      return [first, second];
    }, [tea]);
    expect(first).toMatchObject({ queued: true, key: 'submit-1', data: { total: 500 } });
    expect(second).toMatchObject({ queued: true, data: { total: 1000 } });
    world.origin.setMode('open');
    await settled(page);
    expect(await world.server.get('/pos/orders/by-path')).toMatchObject({ total: 1000 });
    const rest = await world.server.post('/pos/orders', { id: 'by-path', items: [tea] }, { 'Idempotency-Key': 'submit-1', Authorization: `Bearer ${world.server.token('bea')}` });
    expect(rest).toMatchObject({ id: 'by-path', total: 500 });
  });

  it('that the server refuses rejects with status and code, and is in the queue', async () => {
    const page = await world.page('cid');
    await until(page, { caughtUp: true });
    // This device does not hear of it before it asks for the same.
    world.origin.intercept = (request) => request.url?.startsWith('/sync/changes') === true;
    await world.server.post('/pos/orders', { id: 'taken', items: [tea] });
    const error = await page.evaluate(
      (items) =>
        window.o.post('/pos/orders', { id: 'taken', items }).then(
          () => undefined,
          (error: { code: string; status: number; commandId: string }) => ({ code: error.code, status: error.status, message: window.outpost.messageOf(error, 'fa') }),
        ),
      [{ ...tea, quantity: 1 }],
    );
    expect(error).toMatchObject({ status: 409 });
    expect(error?.message).toMatch(/[آ-ی]/);
  });

  it('of money on a card is never queued', async () => {
    const page = await world.page('dan');
    await until(page, { caughtUp: true });
    await page.evaluate((items) => window.o.post('/pos/orders', { id: 'card-1', items }), [tea]);
    world.origin.setMode('down');
    await page.evaluate(() => window.o.probe());
    const code = await page.evaluate(() =>
      window.o
        .post('/pos/orders/card-1/close', { payment: { method: 'CARD', amount: 500 } }, { patienceMs: 500 })
        .then(() => 'paid', (error: { code: string }) => error.code),
    );
    expect(code).toBe('OFFLINE_UNAVAILABLE');
    expect(await page.evaluate(() => window.o.onlineOnly({ type: 'ORDER_CLOSE_V1', payload: { payment: { method: 'CARD' } } }) !== undefined)).toBe(true);
    expect(await page.evaluate(() => window.o.queue({ status: 'PENDING' }))).toEqual([]);
  });

  it('"manual" throws the network error and queues nothing; the caller may', async () => {
    const page = await world.page('eve');
    await until(page, { caughtUp: true });
    world.origin.setMode('portal');
    const [code, waiting, queued] = await page.evaluate(async (items) => {
      const request = { method: 'POST', path: '/pos/orders', body: { id: 'manual-1', items }, key: 'manual-key', offline: 'manual' } as const;
      const code = await window.o.write(request).then(() => 'sent', (error: { code: string }) => error.code);
      const waiting = (await window.o.queue()).length;
      return [code, waiting, (await window.o.enqueue(request)).queued] as const;
    }, [tea]);
    expect([code, waiting, queued]).toEqual(['NETWORK_ERROR', 0, true]);
    world.origin.setMode('open');
    await settled(page);
    expect(await world.server.get('/pos/orders/manual-1')).toMatchObject({ total: 500 });
  });

  it('sent at once with a receipt is done once, however often', async () => {
    const page = await world.page('fay');
    await until(page, { caughtUp: true });
    const [first, again] = await page.evaluate(async (items) => {
      const request = { method: 'POST', path: '/pos/orders', body: { id: 'now-1', items }, key: 'now-key', offline: 'reject' } as const;
      return [await window.o.write(request), await window.o.write(request)];
    }, [tea]);
    expect(first).toMatchObject({ queued: false, status: 201, replayed: false, data: { id: 'now-1' } });
    expect(again).toMatchObject({ queued: false, replayed: true, data: { id: 'now-1' } });
  });

  it('"reject" goes behind what is still queued', async () => {
    const page = await world.page('gus');
    await until(page, { caughtUp: true });
    world.origin.setMode('down');
    await page.evaluate((items) => window.o.execute('ORDER_CREATE_V1', { id: 'behind-1', items }), [tea]);
    world.origin.setMode('open');
    await page.evaluate(() => window.o.probe());
    const answer = await page.evaluate(() => window.o.post('/pos/orders/behind-1/cancel', {}, { offline: 'reject' }));
    expect(answer).toMatchObject({ status: 200, data: { status: 'CANCELLED' } });
  });
});
