// The second terminal of the demo: a device of its own, without a screen. Every few seconds it serves one of its tables:
// an order for a free one, and cash for one that has eaten. It stops while the kitchen is full or the page is not seen.
import type { Outpost } from '@outpost/client';

const tables = ['7', '8', '9', '10', '11', '12'];
const everyMs = 6_000;
const openTicketsMax = 14;
const dishesMax = 3;

interface Dish {
  readonly sku: string;
  readonly name: string;
  readonly price: number;
  readonly station?: string;
}

interface TakenOrder {
  readonly id: string;
  readonly tableId: string | null;
  readonly total: number;
  readonly createdBy?: string;
}

export type Turn = 'ordered' | 'paid' | 'full' | 'idle';

const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(Math.random() * from.length)];

export class SecondTerminal {
  readonly #outpost: Outpost;
  readonly #told: (turn: Turn) => void;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(outpost: Outpost, told: (turn: Turn) => void) {
    this.#outpost = outpost;
    this.#told = told;
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.#turn(), everyMs);
    void this.#turn();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #turn(): Promise<void> {
    if (document.visibilityState !== 'visible') return;
    try {
      this.#told(await this.#serve());
    } catch {
      this.#told('idle'); // the next turn tries again
    }
  }

  async #serve(): Promise<Turn> {
    const outpost = this.#outpost;
    const tableId = pick(tables);
    const sent = await outpost.query<TakenOrder>({ collection: 'orders', where: { status: 'SENT' } });
    const there = sent.find(({ doc }) => doc.tableId === tableId);
    if (there !== undefined) {
      await outpost.execute('ORDER_CLOSE_V1', { id: there.id, payment: { method: 'CASH', amount: there.doc.total } });
      return 'paid';
    }
    const waiting = await outpost.count({ collection: 'tickets', where: { status: 'QUEUED' } });
    if (waiting >= openTicketsMax) return 'full';
    const menu = await outpost.query<Dish>({ collection: 'products' });
    const dishes = Array.from({ length: 1 + Math.floor(Math.random() * dishesMax) }, () => pick(menu)).filter((dish) => dish !== undefined);
    if (dishes.length === 0 || tableId === undefined) return 'idle';
    const items = dishes.map(({ doc }) => ({ sku: doc.sku, name: doc.name, unitPrice: doc.price, quantity: 1, ...(doc.station === undefined ? {} : { station: doc.station }) }));
    const id = outpost.newId();
    await outpost.execute('ORDER_CREATE_V1', { id, tableId, items });
    await outpost.execute('ORDER_SEND_TO_KITCHEN_V1', { id });
    return 'ordered';
  }
}
