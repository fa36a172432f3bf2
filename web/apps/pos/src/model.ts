// Documents as the till sees them, and small things computed from them.
import type { Query, VisibleDocument } from '@outpost/client';

export interface Variant {
  readonly sku: string;
  readonly name: string;
  readonly price: number;
}

export interface Product extends Variant {
  readonly station?: string;
  readonly category?: string;
  readonly variants?: readonly Variant[];
}

export interface Line {
  readonly lineId: string;
  readonly sku: string;
  readonly name: string;
  readonly quantity: number;
  readonly unitPrice: number;
  readonly station?: string;
  readonly note?: string;
  readonly sent: boolean;
}

export interface Payment {
  readonly method: string;
  readonly amount: number;
  readonly receipt?: string;
  readonly at?: string;
}

export type OrderStatus = 'NEW' | 'SENT' | 'CLOSED' | 'CANCELLED';

/** NEW and SENT are the last ones in the alphabet: a range of the index, and one query that an order stays in when it is sent. */
export const openOrders: Query = { collection: 'orders', where: [{ field: 'status', is: '>=', value: 'NEW' }] };

export interface Order {
  readonly id: string;
  readonly number: string;
  readonly tableId: string | null;
  readonly status: OrderStatus;
  readonly items: readonly Line[];
  readonly total: number;
  readonly currency: string;
  readonly paid?: number;
  readonly change?: number;
  readonly balanceDue?: number;
  readonly payments?: readonly Payment[];
  readonly createdAt: string;
}

export type OrderDocument = VisibleDocument<Order>;

export const isOpen = ({ status }: Order): boolean => status === 'NEW' || status === 'SENT';

export const dueOf = ({ total, paid = 0 }: Order): number => total - paid;

export const categoriesOf = (products: readonly Product[], other: string): readonly string[] =>
  [...new Set(products.map(({ category }) => category ?? other))].sort((a, b) => a.localeCompare(b));

/** Lower case without accents, so that "creme" finds "Crème". */
export const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase();

export function searchMenu(products: readonly Product[], words: string, category: string | undefined, other: string): readonly Product[] {
  const wanted = plain(words).split(/\s+/).filter((word) => word !== '');
  return products.filter((product) => {
    const name = plain(product.name);
    const fits = wanted.every((word) => name.includes(word));
    return fits && (wanted.length > 0 || category === undefined || (product.category ?? other) === category);
  });
}
