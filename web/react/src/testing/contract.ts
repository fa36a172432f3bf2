// What screens rely on, of any client: run on the fake here and on the real one in a browser. Each check takes a fresh
// client with an open line and a server behind it.
import type { JsonObject, Outpost } from '@outpost/client';

export interface Check {
  readonly name: string;
  run(outpost: Outpost): Promise<void>;
}

function expectThat(holds: boolean, what: string): void {
  if (!holds) throw new Error(`contract: ${what}`);
}

/** Resolves when it holds; the client tells of changes, so looking again after each is enough. */
async function until(outpost: Outpost, holds: () => boolean | Promise<boolean>, what: string, patienceMs = 10_000): Promise<void> {
  const end = Date.now() + patienceMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`contract: never ${what}`);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, 50);
      const off = [outpost.on('status', done), outpost.on('queue', done)];
      function done(): void {
        clearTimeout(timer);
        for (const one of off) one();
        resolve();
      }
    });
  }
}

const items: readonly JsonObject[] = [{ sku: 'espresso', name: 'Espresso', quantity: 2, unitPrice: 250, station: 'bar' }];

export const contract: readonly Check[] = [
  {
    name: 'an executed command shows at once, in a read and in a live query',
    async run(outpost) {
      const id = outpost.newId();
      const live = outpost.liveQuery({ collection: 'orders', where: { id } });
      await live.ready;
      const accepted = await outpost.execute('ORDER_CREATE_V1', { id, items });
      expectThat(accepted.resource?.id === id, 'the command names its document');
      const seen = await outpost.get({ collection: 'orders', id });
      expectThat(seen?.doc['total'] === 500, 'the total is predicted');
      await until(outpost, () => live.current.documents.length === 1, 'told by the live query');
      live.close();
    },
  },
  {
    name: 'with the line cut everything waits, and goes up when it is back',
    async run(outpost) {
      await outpost.setLine('cut');
      await until(outpost, () => !outpost.status.online && outpost.status.line === 'down', 'offline');
      const id = outpost.newId();
      await outpost.execute('ORDER_CREATE_V1', { id, items });
      await outpost.execute('ORDER_SEND_TO_KITCHEN_V1', { id });
      expectThat((await outpost.queue({ status: 'PENDING' })).length === 2, 'both wait');
      expectThat((await outpost.get({ collection: 'orders', id }))?.pending === true, 'the order is marked');
      await until(outpost, () => outpost.status.waiting === 2, 'counted');
      await outpost.setLine('open');
      await until(outpost, () => outpost.status.waiting === 0, 'sent');
      await until(outpost, async () => (await outpost.get({ collection: 'orders', id }))?.pending === false, 'in base');
      expectThat((await outpost.queue({ resource: { collection: 'orders', id }, status: 'SUCCEEDED' })).length === 2, 'kept as history');
    },
  },
  {
    name: 'what a person discards loses its effect, with what was built on it',
    async run(outpost) {
      await outpost.setLine('cut');
      const id = outpost.newId();
      const { id: command } = await outpost.execute('ORDER_CREATE_V1', { id, items });
      const { id: built } = await outpost.execute('ORDER_SEND_TO_KITCHEN_V1', { id });
      const plan = await outpost.discardPlan(command);
      expectThat(plan.length === 1 && plan[0]?.id === built, 'the plan names what else falls');
      await outpost.discard(command);
      expectThat((await outpost.get({ collection: 'orders', id })) === undefined, 'the order is gone');
    },
  },
  {
    name: 'the same key is one operation',
    async run(outpost) {
      const key = outpost.newId();
      const first = await outpost.execute('ORDER_CREATE_V1', { id: key, items }, { key });
      const second = await outpost.execute('ORDER_CREATE_V1', { id: key, items }, { key });
      expectThat(first.id === second.id, 'one command');
    },
  },
  {
    name: 'status is a snapshot that changes as an object',
    async run(outpost) {
      const before = outpost.statusObservable.current;
      expectThat(before === outpost.statusObservable.current, 'the same until it changes');
      await outpost.setLine('cut');
      await until(outpost, () => outpost.statusObservable.current !== before, 'another object');
    },
  },
  {
    name: 'card payments are online-only, cash is not',
    async run(outpost) {
      const write = (method: string) => ({ type: 'ORDER_CLOSE_V1', payload: { id: 'x', payment: { method, amount: 1 } } });
      expectThat(outpost.onlineOnly(write('CARD')) !== undefined, 'card needs a line');
      expectThat(outpost.onlineOnly(write('CASH')) === undefined, 'cash does not');
    },
  },
];
