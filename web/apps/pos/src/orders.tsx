// The day's orders, newest first, each with how it stands.
import type { CommandRecord, Query } from '@outpost/client';
import { RecordBadge, useLiveQuery, useMoney, useName, useText } from '@outpost/react';
import { memo, useState, type ReactNode } from 'react';
import type { PosMessageId } from './messages.js';
import { isOpen, plain, type Order, type OrderDocument } from './model.js';
import { ReceiptDialog } from './pay/receipt_dialog.js';
import type { Chosen } from './till.js';

type Filter = 'open' | 'closed' | 'all';

const shownMax = 200;
const newestFirst = { field: 'createdAt', direction: 'descending' } as const;

function queryOf(filter: Filter): Query {
  if (filter === 'closed') return { collection: 'orders', where: { status: 'CLOSED' }, orderBy: newestFirst, limit: shownMax };
  return { collection: 'orders', orderBy: newestFirst, limit: shownMax };
}

export interface OrdersProps {
  readonly onChoose: (chosen: Chosen) => void;
  readonly onConflict: (command: CommandRecord) => void;
}

export function Orders({ onChoose, onConflict }: OrdersProps): ReactNode {
  const text = useText<PosMessageId>();
  const [filter, setFilter] = useState<Filter>('open');
  const [words, setWords] = useState('');
  const [receipt, setReceipt] = useState<string>();
  const found = useLiveQuery<Order>(queryOf(filter));
  const wanted = plain(words.trim());
  const shown = found.documents.filter(
    ({ doc }) => (filter !== 'open' || isOpen(doc)) && (wanted === '' || plain(doc.number).includes(wanted) || plain(doc.tableId ?? '') === wanted),
  );
  const open = (order: OrderDocument): void => {
    if (isOpen(order.doc)) onChoose({ tableId: order.doc.tableId, orderId: order.id });
    else setReceipt(order.id);
  };
  return (
    <section aria-labelledby="orders-title">
      <h1 id="orders-title" className="o-unseen">
        {text('pos.orders')}
      </h1>
      <div className="p-tools">
        <fieldset className="o-choice">
          <legend className="o-unseen">{text('pos.filter')}</legend>
          {(['open', 'closed', 'all'] as const).map((name) => (
            <label key={name} className="o-chip">
              <input type="radio" name="orders" checked={filter === name} onChange={() => setFilter(name)} />
              <span>{text(`pos.filter.${name}`)}</span>
            </label>
          ))}
        </fieldset>
        <input className="p-search" type="search" aria-label={text('pos.searchOrders')} placeholder={text('pos.searchOrders')} value={words} onChange={({ target }) => setWords(target.value)} />
      </div>
      {shown.length === 0 && found.state !== 'loading' && <p className="o-empty">{text('pos.noOrders')}</p>}
      <ul className="p-orders">
        {shown.map((order) => (
          <OrderRow key={order.id} order={order} onOpen={open} onConflict={onConflict} />
        ))}
      </ul>
      {receipt !== undefined && <ReceiptDialog orderId={receipt} onClose={() => setReceipt(undefined)} />}
    </section>
  );
}

interface OrderRowProps {
  readonly order: OrderDocument;
  readonly onOpen: (order: OrderDocument) => void;
  readonly onConflict: (command: CommandRecord) => void;
}

const OrderRow = memo(
  function OrderRow({ order, onOpen, onConflict }: OrderRowProps): ReactNode {
    const text = useText<PosMessageId>();
    const named = useName();
    const { doc } = order;
    const money = useMoney(doc.currency);
    return (
      <li className="p-order">
        <button type="button" className="p-order-open" onClick={() => onOpen(order)}>
          <strong>
            <bdi>{doc.number}</bdi>
          </strong>
          <span>{doc.tableId === null ? text('pos.takeaway') : text('pos.table', { name: named(doc.tableId) })}</span>
          <span className={`p-state p-state-${doc.status}`}>{text(`pos.status.${doc.status}`)}</span>
          <span className="p-amount">{money(doc.total)}</span>
        </button>
        <RecordBadge record={{ collection: 'orders', id: order.id }} onConflict={onConflict} />
      </li>
    );
  },
  (before, after) => before.order === after.order,
);
