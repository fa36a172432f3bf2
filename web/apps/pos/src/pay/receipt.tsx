// What was bought and paid, to be shown or printed.
import { useDateTime, useMoney, useName, useNumber, useText } from '@outpost/react';
import type { ReactNode } from 'react';
import type { PosMessageId } from '../messages.js';
import { dueOf, type Order } from '../model.js';

export interface ReceiptViewProps {
  readonly order: Order;
  readonly receipt: string;
  readonly onDone: () => void;
}

export function ReceiptView({ order, receipt, onDone }: ReceiptViewProps): ReactNode {
  const text = useText<PosMessageId>();
  const money = useMoney(order.currency);
  const number = useNumber();
  const named = useName();
  const dateTime = useDateTime();
  const payment = order.payments?.find((one) => one.receipt === receipt);
  const given = payment?.amount ?? order.paid ?? 0;
  const closed = order.status === 'CLOSED';
  return (
    <div className="p-receipt">
      <p className="p-receipt-number">
        <span>{dateTime(payment?.at ?? order.createdAt)}</span>
        <span>
          <bdi>{order.tableId === null ? text('pos.takeaway') : text('pos.table', { name: named(order.tableId) })}</bdi> · <bdi>{text('pos.number', { number: order.number })}</bdi>
        </span>
        <strong className="p-only-print">
          <bdi>{text('receipt.title', { number: receipt })}</bdi>
        </strong>
      </p>
      <ul>
        {order.items.map((line) => (
          <li key={line.lineId}>
            <span>
              {number(line.quantity)} × <bdi>{line.name}</bdi>
            </span>
            <span className="p-amount">{money(line.quantity * line.unitPrice)}</span>
          </li>
        ))}
      </ul>
      <Sum label={text('pos.total')} amount={money(order.total)} />
      <Sum label={text('receipt.given')} amount={money(given)} />
      {closed ? <Sum label={text('receipt.change')} amount={money(order.change ?? 0)} strong /> : <Sum label={text('receipt.stillDue')} amount={money(dueOf(order))} strong />}
      <div className="o-actions p-actions-end p-no-print">
        <button type="button" className="o-button" onClick={() => print()}>
          {text('receipt.print')}
        </button>
        <button type="button" className="o-button o-button-main" onClick={onDone}>
          {text('receipt.done')}
        </button>
      </div>
    </div>
  );
}

function Sum({ label, amount, strong = false }: { readonly label: string; readonly amount: string; readonly strong?: boolean }): ReactNode {
  return (
    <p className={strong ? 'p-total p-result' : 'p-total'}>
      <span>{label}</span> <strong>{amount}</strong>
    </p>
  );
}
