// A browser killed with SIGKILL in the middle of awaited writes, again and again: whatever was acknowledged is there.
import { expect, it } from 'vitest';
import { tea, useWorld } from './world.js';

const rounds = 20;
const world = useWorld();

it(
  'every acknowledged write survives the browser being killed, in 20 rounds',
  async () => {
    world.origin.setMode('down');
    const acknowledged: string[] = [];
    let cutShort = 0;
    for (let round = 0; round < rounds; ++round) {
      const page = await world.page('ann', { live: false });
      const stored = new Set(await page.evaluate(async () => (await window.o.queue()).map((one) => one.resource?.id ?? '')));
      expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
      await page.exposeFunction('acknowledge', (id: string) => void acknowledged.push(id));
      const before = acknowledged.length;
      const stream = page.evaluate(
        async ({ round, items }) => {
          const { acknowledge } = window as unknown as { acknowledge(id: string): Promise<void> };
          for (let i = 0; ; ++i) {
            const id = `r${round}-${i}`;
            await window.o.execute('ORDER_CREATE_V1', { id, items });
            void acknowledge(id);
          }
        },
        { round, items: [tea] },
      );
      stream.catch(() => undefined);
      // A few writes, at another moment each round.
      while (acknowledged.length < before + 3 + round) await new Promise((done) => setTimeout(done, 2));
      const gone = new Promise((done) => world.browser.context.once('close', done));
      process.kill(world.browser.pid, 'SIGKILL');
      await gone;
      cutShort += acknowledged.length - before;
      await world.browser.open();
    }
    const page = await world.page('ann', { live: false });
    const stored = await page.evaluate(async () => (await window.o.queue()).map((one) => one.resource?.id ?? ''));
    expect(acknowledged.filter((id) => !stored.includes(id))).toEqual([]);
    expect(new Set(stored).size).toBe(stored.length);
    expect(cutShort).toBeGreaterThan(rounds * 3);
  },
  180_000,
);
