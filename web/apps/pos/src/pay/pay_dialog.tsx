// Taking money. Cash works without a line and is recorded as it was given; card and mobile money need one, and say so.
import type { IdempotencyKey, JsonObject } from '@outpost/client';
import { Dialog, ErrorText, useAction, useApiError, useConnection, useDocument, useMoney, useOutpost, useText } from '@outpost/react';
import { useRef, useState, type ReactNode } from 'react';
import type { PosMessageId } from '../messages.js';
import { dueOf, type Order } from '../model.js';
import { roundAmounts } from './cash.js';
import { Keypad } from './keypad.js';
import { ReceiptView } from './receipt.js';
import { takeReceiptNumber } from './receipt_numbers.js';

type Method = 'CASH' | 'CARD' | 'MOBILE_MONEY';
const methods: readonly Method[] = ['CASH', 'CARD', 'MOBILE_MONEY'];

export interface PayDialogProps {
  readonly orderId: string;
  readonly onClose: () => void;
  /** The order is paid and the receipt seen. */
  readonly onDone: () => void;
}

export function PayDialog({ orderId, onClose, onDone }: PayDialogProps): ReactNode {
  const text = useText<PosMessageId>();
  const order = useDocument<Order>('orders', orderId);
  const [paidBy, setPaidBy] = useState<string>();
  if (order === undefined) return null;
  const { doc } = order;
  if (paidBy !== undefined) {
    const closed = doc.status === 'CLOSED';
    return (
      <Dialog title={text('receipt.title', { number: paidBy })} onClose={closed ? onDone : onClose}>
        <ReceiptView order={doc} receipt={paidBy} onDone={closed ? onDone : () => setPaidBy(undefined)} />
      </Dialog>
    );
  }
  return (
    <Dialog title={text('pay.title')} onClose={onClose}>
      <Payment order={doc} onPaid={setPaidBy} />
    </Dialog>
  );
}

function Payment({ order, onPaid }: { readonly order: Order; readonly onPaid: (receipt: string) => void }): ReactNode {
  const text = useText<PosMessageId>();
  const money = useMoney(order.currency);
  const [method, setMethod] = useState<Method>('CASH');
  const due = dueOf(order);
  return (
    <>
      <p className="p-total p-due">
        <span>{text('pay.due')}</span> <strong>{money(due)}</strong>
      </p>
      <MethodChoice order={order} method={method} onMethod={setMethod} />
      {method === 'CASH' ? <Cash order={order} due={due} onPaid={onPaid} /> : <Charge order={order} due={due} method={method} onPaid={onPaid} onCash={() => setMethod('CASH')} />}
    </>
  );
}

interface MethodChoiceProps {
  readonly order: Order;
  readonly method: Method;
  readonly onMethod: (method: Method) => void;
}

function MethodChoice({ order, method, onMethod }: MethodChoiceProps): ReactNode {
  const text = useText<PosMessageId>();
  const outpost = useOutpost();
  const { status } = useConnection();
  const offline = !status.online || status.line === 'down';
  const needsLine = (name: Method): boolean => outpost.onlineOnly({ type: 'ORDER_CLOSE_V1', payload: { id: order.id, payment: { method: name, amount: 0 } } }) !== undefined;
  return (
    <fieldset className="o-choice p-methods">
      <legend>{text('pay.method')}</legend>
      {methods.map((name) => {
        const unavailable = offline && needsLine(name);
        return (
          <label key={name} className={`o-chip ${unavailable ? 'p-unavailable' : ''}`}>
            <input type="radio" name="method" checked={method === name} disabled={unavailable} aria-describedby={unavailable ? 'pay-offline' : undefined} onChange={() => onMethod(name)} />
            <span>{text(`pay.${name}`)}</span>
          </label>
        );
      })}
      {offline && (
        <p id="pay-offline" className="p-hint">
          {text('pay.offline')}
        </p>
      )}
    </fieldset>
  );
}

function closing(orderId: string, payment: JsonObject) {
  return { method: 'POST' as const, path: `/pos/orders/${orderId}/close`, body: { payment } };
}

function Cash({ order, due, onPaid }: { readonly order: Order; readonly due: number; readonly onPaid: (receipt: string) => void }): ReactNode {
  const text = useText<PosMessageId>();
  const outpost = useOutpost();
  const money = useMoney(order.currency);
  const [given, setGiven] = useState<number>();
  const amount = given ?? due;
  const taken = useRef<{ readonly receipt: string; readonly key: IdempotencyKey } | undefined>(undefined);
  const take = useAction(async () => {
    // A second try after a failure is the same payment: one number, one key.
    taken.current ??= { receipt: await takeReceiptNumber(outpost), key: outpost.newId() };
    const { receipt, key } = taken.current;
    await outpost.execute('ORDER_CLOSE_V1', { id: order.id, payment: { method: 'CASH', amount, receipt } }, { key });
    taken.current = undefined;
    onPaid(receipt);
  });
  const error = useApiError()(take.error);
  return (
    <div className="p-cash">
      <div className="p-given">
        <span>{text('pay.given')}</span> <output>{money(amount)}</output>
      </div>
      <div className="o-actions p-rounds">
        <button type="button" className="o-button" onClick={() => setGiven(due)}>
          {text('pay.exact')}
        </button>
        {roundAmounts(due, order.currency).map((round) => (
          <button key={round} type="button" className="o-button" onClick={() => setGiven(round)}>
            {money(round)}
          </button>
        ))}
      </div>
      <Keypad amount={given ?? 0} onAmount={setGiven} />
      <p className="p-total p-result" role="status">
        <span>{text(amount < due ? 'pay.short' : 'pay.change')}</span> <strong>{money(Math.abs(amount - due))}</strong>
      </p>
      {error !== undefined && <ErrorText>{error.message}</ErrorText>}
      <button type="button" className="o-button o-button-main p-big" disabled={take.busy || (amount === 0 && due !== 0)} onClick={() => void take.run()}>
        {text(amount < due ? 'pay.takePart' : 'pay.take', { amount: money(amount) })}
      </button>
    </div>
  );
}

interface ChargeProps {
  readonly order: Order;
  readonly due: number;
  readonly method: Exclude<Method, 'CASH'>;
  readonly onPaid: (receipt: string) => void;
  readonly onCash: () => void;
}

function Charge({ order, due, method, onPaid, onCash }: ChargeProps): ReactNode {
  const text = useText<PosMessageId>();
  const outpost = useOutpost();
  const money = useMoney(order.currency);
  const key = useRef(outpost.newId());
  const charge = useAction(async () => {
    const { path, body } = closing(order.id, { method, amount: due });
    await outpost.post(path, body, { offline: 'reject', key: key.current });
    onPaid(order.number);
  });
  const error = useApiError()(charge.error);
  return (
    <>
      {error !== undefined && (
        <>
          <ErrorText>{error.message}</ErrorText>
          <button type="button" className="o-button" onClick={onCash}>
            {text('pay.cashInstead')}
          </button>
        </>
      )}
      <button type="button" className="o-button o-button-main p-big" disabled={charge.busy} onClick={() => void charge.run()}>
        {text('pay.charge', { amount: money(due) })}
      </button>
    </>
  );
}
