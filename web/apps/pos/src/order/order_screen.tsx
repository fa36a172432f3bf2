// One order: the menu on one side, its lines and what can be done with it on the other; on a phone one at a time.
import type { CommandRecord } from '@outpost/client';
import { ErrorText, RecordBadge, useAction, useApiError, useDocument, useMoney, useName, useNumber, useOutpost, useSyncStatus, useText } from '@outpost/react';
import { useEffect, useState, type ReactNode } from 'react';
import type { PosMessageId } from '../messages.js';
import { dueOf, isOpen, type Line, type Order, type OrderDocument } from '../model.js';
import { PayDialog } from '../pay/pay_dialog.js';
import type { Chosen } from '../till.js';
import { totalOf, useDraft, type DraftControls } from './draft.js';
import { LineDialog, type LineChange } from './line_dialog.js';
import { Menu } from './menu.js';
import { MoreDialog } from './more_dialog.js';
import { OrderLines } from './order_lines.js';
import { saveDraft, sendToKitchen } from './save.js';

export interface OrderScreenProps {
  readonly chosen: Chosen;
  readonly onBack: () => void;
  readonly onConflict: (command: CommandRecord) => void;
}

const placeOf = (tableId: string | null, orderId: string | undefined): string =>
  orderId !== undefined ? `order.${orderId}` : tableId === null ? 'takeaway' : `table.${tableId}`;

export function OrderScreen({ chosen, onBack, onConflict }: OrderScreenProps): ReactNode {
  const text = useText<PosMessageId>();
  const [orderId, setOrderId] = useState(chosen.orderId);
  const [side, setSide] = useState<'menu' | 'order'>(chosen.orderId === undefined ? 'menu' : 'order');
  const order = useDocument<Order>('orders', orderId);
  const controls = useDraft(placeOf(chosen.tableId, orderId));
  const currency = order?.doc.currency ?? 'EUR';
  const count = controls.draft.lines.length + (order?.doc.items.length ?? 0);
  return (
    <div className={`p-split p-split-${side}`}>
      <div className="p-sides" role="group" aria-label={text('pos.order')}>
        {(['menu', 'order'] as const).map((name) => (
          <button key={name} type="button" className="p-tab" aria-pressed={side === name} onClick={() => setSide(name)}>
            {text(`pos.${name}`)} {name === 'order' && <Count value={count} />}
          </button>
        ))}
      </div>
      <Menu currency={currency} onAdd={controls.add} />
      <OrderPane chosen={chosen} order={order} orderId={orderId} controls={controls} currency={currency} onSaved={setOrderId} onBack={onBack} onConflict={onConflict} />
    </div>
  );
}

function Count({ value }: { readonly value: number }): ReactNode {
  const number = useNumber();
  return value === 0 ? null : <span className="p-count">{number(value)}</span>;
}

interface OrderPaneProps extends OrderScreenProps {
  readonly order: OrderDocument | undefined;
  readonly orderId: string | undefined;
  readonly controls: DraftControls;
  readonly currency: string;
  readonly onSaved: (orderId: string) => void;
}

type Editing = { readonly draft: number } | { readonly line: Line } | undefined;

function OrderPane(props: OrderPaneProps): ReactNode {
  const { chosen, order, orderId, controls, currency, onBack, onConflict } = props;
  const text = useText<PosMessageId>();
  const money = useMoney(currency);
  const named = useName();
  const [editing, setEditing] = useState<Editing>();
  const [more, setMore] = useState(false);
  const table = order?.doc.tableId ?? chosen.tableId;
  const total = totalOf(controls.draft.lines) + (order?.doc.total ?? 0);
  return (
    <section className="p-pane" aria-label={text('pos.order')}>
      <div className="p-pane-head">
        <button type="button" className="o-button" onClick={onBack}>
          {text('pos.back')}
        </button>
        <h1>
          {table === null ? text('pos.takeaway') : text('pos.table', { name: named(table) })}
          {order !== undefined && <bdi className="p-number">{order.doc.number}</bdi>}
        </h1>
        {order !== undefined && isOpen(order.doc) && (
          <button type="button" className="o-button" onClick={() => setMore(true)}>
            {text('pos.more')}
          </button>
        )}
      </div>
      {orderId !== undefined && <RecordBadge record={{ collection: 'orders', id: orderId }} onConflict={onConflict} />}
      <div className="p-pane-lines">
        <OrderLines draft={controls.draft.lines} lines={order?.doc.items ?? []} pending={order?.pending ?? false} currency={currency} onDraftLine={(draft) => setEditing({ draft })} onLine={(line) => setEditing({ line })} />
      </div>
      <p className="p-total">
        <span>{text('pos.total')}</span> <strong>{money(total)}</strong>
      </p>
      <OrderActions {...props} total={total} />
      {editing !== undefined && <EditLine editing={editing} orderId={orderId} controls={controls} onClose={() => setEditing(undefined)} />}
      {more && order !== undefined && (
        <MoreDialog
          order={order}
          onClose={(gone) => {
            setMore(false);
            if (gone) onBack();
          }}
        />
      )}
    </section>
  );
}

function EditLine({ editing, orderId, controls, onClose }: { readonly editing: NonNullable<Editing>; readonly orderId: string | undefined; readonly controls: DraftControls; readonly onClose: () => void }): ReactNode {
  const outpost = useOutpost();
  if ('draft' in editing) {
    const line = controls.draft.lines[editing.draft];
    if (line === undefined) return null;
    const change = async (next: LineChange | undefined): Promise<void> => {
      const { note: _note, ...rest } = line;
      controls.replace(editing.draft, next && { ...rest, quantity: next.quantity, ...(next.note === '' ? {} : { note: next.note }) });
    };
    return <LineDialog name={line.name} before={{ quantity: line.quantity, note: line.note ?? '' }} sent={false} onChange={change} onClose={onClose} />;
  }
  const { line } = editing;
  const target = { id: orderId ?? '', lineId: line.lineId };
  const change = (next: LineChange | undefined): Promise<unknown> =>
    next === undefined ? outpost.execute('ORDER_REMOVE_LINE_V1', target) : outpost.execute('ORDER_CHANGE_LINE_V1', { ...target, quantity: next.quantity, note: next.note });
  return <LineDialog name={line.name} before={{ quantity: line.quantity, note: line.note ?? '' }} sent={line.sent} onChange={change} onClose={onClose} />;
}

const toldMs = 4000;

function OrderActions({ chosen, order, orderId, controls, onSaved, onBack, currency, total }: OrderPaneProps & { readonly total: number }): ReactNode {
  const text = useText<PosMessageId>();
  const outpost = useOutpost();
  const money = useMoney(currency);
  const { online, line } = useSyncStatus();
  const reachable = online && line === 'up';
  const [paying, setPaying] = useState<string>();
  const [told, setTold] = useState<PosMessageId>();
  const place = { orderId, tableId: chosen.tableId };
  const store = (work: typeof saveDraft, message: PosMessageId) => async (): Promise<string> => {
    const id = await work(outpost, controls.draft, place);
    controls.clear();
    onSaved(id);
    setTold(message);
    return id;
  };
  const send = useAction(store(sendToKitchen, reachable ? 'pos.sentDone' : 'pos.sentQueued'));
  const save = useAction(store(saveDraft, 'pos.savedDone'));
  useEffect(() => {
    const timer = setTimeout(() => setTold(undefined), toldMs);
    return () => clearTimeout(timer);
  }, [told]);
  const hasDraft = controls.draft.lines.length > 0;
  const unsent = hasDraft || (order?.doc.items.some((line) => !line.sent) ?? false);
  const closed = order !== undefined && !isOpen(order.doc);
  const error = useApiError()(send.error ?? save.error);
  const pay = async (): Promise<void> => {
    const id = unsent ? await send.run() : orderId;
    if (id !== undefined) setPaying(id);
  };
  const due = order === undefined ? total : dueOf(order.doc) + (total - order.doc.total);
  return (
    <div className="p-pane-foot">
      {error !== undefined && <ErrorText>{error.message}</ErrorText>}
      <p className="p-told" role="status">
        {told === undefined ? '' : text(told)}
      </p>
      <div className="p-pane-actions">
        <button type="button" className="o-button o-button-main p-big" disabled={!unsent || send.busy || closed} onClick={() => void send.run()}>
          {text('pos.send')}
        </button>
        <button type="button" className="o-button" disabled={!hasDraft || save.busy || closed} onClick={() => void save.run()}>
          {text('pos.save')}
        </button>
        <button type="button" className="o-button p-big" disabled={(!unsent && order === undefined) || send.busy || closed} onClick={() => void pay()}>
          {text('pos.pay', { amount: money(due) })}
        </button>
      </div>
      {paying !== undefined && <PayDialog orderId={paying} onClose={() => setPaying(undefined)} onDone={onBack} />}
    </div>
  );
}
