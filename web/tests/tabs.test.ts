// Several tabs on one store: one leads, nobody loses anything when it goes, and a frozen one is named.
import { describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { openDevice, settled, statusOf, tea, until, useWorld } from './world.js';

const world = useWorld();

interface Writing {
  readonly writing: { readonly done: number };
  readonly all: Promise<unknown>;
}

async function rendererOf(page: Page): Promise<number> {
  await page.evaluate(() => void Object.assign(window, { marker: 1 }));
  const session = await world.browser.context.newCDPSession(page);
  const before = await cpuTimes();
  // Whose process works while this page does.
  await page.evaluate(() => {
    for (const end = performance.now() + 400; performance.now() < end; ) Math.random();
  });
  const after = await cpuTimes();
  await session.detach();
  let busiest = 0;
  let most = -1;
  for (const [id, time] of after) {
    const worked = time - (before.get(id) ?? 0);
    if (worked > most) [busiest, most] = [id, worked];
  }
  return busiest;
}

async function cpuTimes(): Promise<Map<number, number>> {
  const session = await world.browser.session();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  return new Map(processInfo.filter((one) => one.type === 'renderer').map((one) => [one.id, one.cpuTime]));
}

describe('two tabs', () => {
  it('share one store: one leads, both write and both see', async () => {
    const first = await world.page('ann');
    const second = await world.page('ann');
    expect((await statusOf(first)).role).toBe('leading');
    await until(second, { role: 'following' });
    await second.evaluate((items) => window.o.execute('ORDER_CREATE_V1', { id: 'shared-1', items }), [tea]);
    expect(await first.evaluate(() => window.o.get({ collection: 'orders', id: 'shared-1' }))).toBeDefined();
    await settled(second);
    expect((await statusOf(first)).device).toBe((await statusOf(second)).device);
  });

  it('the leader is closed during 500 writes: none is lost, none is there twice', async () => {
    const leader = await world.page('bob');
    const other = await world.page('bob');
    await until(other, { role: 'following' });
    await other.evaluate((items) => {
      const state = { next: 0, done: 0 };
      const write = async (): Promise<void> => {
        while (state.next < 500) {
          await window.o.execute('ORDER_CREATE_V1', { id: `many-${state.next++}`, items });
          state.done += 1;
        }
      };
      Object.assign(window, { writing: state, all: Promise.all(Array.from({ length: 10 }, write)) });
    }, [tea]);
    await other.waitForFunction(() => (window as unknown as Writing).writing.done >= 20, undefined, { polling: 1 });
    await leader.close();
    expect(await other.evaluate(() => (window as unknown as Writing).writing.done)).toBeLessThan(500);
    await other.evaluate(() => (window as unknown as Writing).all);
    await until(other, { role: 'leading' });
    await settled(other);
    const commands = await other.evaluate(() => window.o.queue({ status: 'SUCCEEDED' }));
    expect(new Set(commands.map((one) => one.resource?.id)).size).toBe(500);
    expect(commands).toHaveLength(500);
    const ids = (await world.server.orders()).map((order) => String(order['id'])).filter((id) => id.startsWith('many-'));
    expect(new Set(ids).size).toBe(500);
  });

  it('a frozen leader is named to the other tab, and its store is not taken from it', async () => {
    const leader = await world.page('cid');
    await leader.evaluate(() => (document.title = 'The frozen till'));
    await leader.evaluate(() => window.o.close());
    await openDevice(leader, 'cid', world.server.token('cid'));
    const other = await world.page('cid');
    await until(other, { role: 'following' });
    const process_ = await rendererOf(leader);
    expect(process_).toBeGreaterThan(0);
    expect(process_).not.toBe(await rendererOf(other));
    process.kill(process_, 'SIGSTOP');
    try {
      await until(other, { role: 'stuck' });
      expect((await statusOf(other)).stuckTab).toContain('The frozen till');
      const write = other.evaluate((items) => window.o.execute('ORDER_CREATE_V1', { id: 'frozen-1', items }).then(() => 'done'), [tea]);
      process.kill(process_, 'SIGCONT');
      expect(await write).toBe('done');
    } finally {
      process.kill(process_, 'SIGCONT');
    }
    await until(other, { role: 'following' });
  });
});
