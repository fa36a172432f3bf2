// All tables at a glance: free, or what is on them. A tap opens the table's order, or begins one.
import type { CommandRecord } from '@outpost/client';
import { RecordBadge, useDocument, useLiveQuery, useMoney, useName, useText } from '@outpost/react';
import type { ReactNode } from 'react';
import { draftLinesAt } from './order/draft.js';
import type { PosMessageId } from './messages.js';
import { openOrders, type Order, type OrderDocument } from './model.js';
import type { Chosen } from './till.js';

const tablesDefault = 12;

interface Floor {
  readonly tables: readonly string[];
}

/** The restaurant's own plan when there is one (settings/floor), else tables by number. */
export function useTableNames(): readonly string[] {
  const floor = useDocument<Floor>('settings', 'floor');
  return floor?.doc.tables ?? Array.from({ length: tablesDefault }, (_, i) => String(i + 1));
}

export function useOpenOrders(): readonly OrderDocument[] {
  return useLiveQuery<Order>(openOrders).documents;
}

export interface TablesProps {
  readonly onChoose: (chosen: Chosen) => void;
  readonly onConflict: (command: CommandRecord) => void;
}

export function Tables({ onChoose, onConflict }: TablesProps): ReactNode {
  const text = useText<PosMessageId>();
  const named = useName();
  const names = useTableNames();
  const open = useOpenOrders();
  const takeaway = open.filter(({ doc }) => doc.tableId === null || !names.includes(doc.tableId));
  return (
    <section aria-labelledby="tables-title">
      <h1 id="tables-title" className="o-unseen">
        {text('pos.tables')}
      </h1>
      <ul className="p-grid">
        {names.map((name) => (
          <TableTile key={name} name={name} orders={open.filter(({ doc }) => doc.tableId === name)} onChoose={onChoose} onConflict={onConflict} />
        ))}
      </ul>
      <div className="p-section-head">
        <h2>{text('pos.takeaway')}</h2>
        <button type="button" className="o-button o-button-main" onClick={() => onChoose({ tableId: null })}>
          {text('pos.new')}
        </button>
      </div>
      <ul className="p-grid">
        {takeaway.map((order) => (
          <li key={order.id} className="p-tile p-tile-taken">
            <OrderOnTile order={order} {...(order.doc.tableId === null ? {} : { title: text('pos.table', { name: named(order.doc.tableId) }) })} onOpen={() => onChoose({ tableId: order.doc.tableId, orderId: order.id })} onConflict={onConflict} />
          </li>
        ))}
      </ul>
    </section>
  );
}

interface TableTileProps extends TablesProps {
  readonly name: string;
  readonly orders: readonly OrderDocument[];
}

function TableTile({ name, orders, onChoose, onConflict }: TableTileProps): ReactNode {
  const text = useText<PosMessageId>();
  const named = useName();
  const unsaved = draftLinesAt(`table.${name}`) > 0;
  if (orders.length === 0) {
    return (
      <li className={`p-tile ${unsaved ? 'p-tile-draft' : ''}`}>
        <button type="button" className="p-tile-open" onClick={() => onChoose({ tableId: name })}>
          <strong>{text('pos.table', { name: named(name) })}</strong>
          <span>{text(unsaved ? 'pos.draft' : 'pos.free')}</span>
        </button>
      </li>
    );
  }
  return (
    <li className="p-tile p-tile-taken">
      {orders.map((order) => (
        <OrderOnTile key={order.id} order={order} title={text('pos.table', { name: named(name) })} onOpen={() => onChoose({ tableId: name, orderId: order.id })} onConflict={onConflict} />
      ))}
    </li>
  );
}

interface OrderOnTileProps {
  readonly order: OrderDocument;
  readonly title?: string;
  readonly onOpen: () => void;
  readonly onConflict: (command: CommandRecord) => void;
}

function OrderOnTile({ order, title, onOpen, onConflict }: OrderOnTileProps): ReactNode {
  const text = useText<PosMessageId>();
  const { doc } = order;
  const money = useMoney(doc.currency);
  return (
    <>
      <button type="button" className="p-tile-open" onClick={onOpen}>
        <strong>{title ?? text('pos.number', { number: doc.number })}</strong>
        <span>
          {title !== undefined && <bdi>{doc.number}</bdi>} {money(doc.total)}
        </span>
        <span className={`p-state p-state-${doc.status}`}>{text(`pos.status.${doc.status}`)}</span>
      </button>
      <RecordBadge record={{ collection: 'orders', id: order.id }} onConflict={onConflict} quiet />
    </>
  );
}
