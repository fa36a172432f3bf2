// The receipt of an order that is done, from the list of orders.
import { Dialog, useDocument, useText } from '@outpost/react';
import type { ReactNode } from 'react';
import type { PosMessageId } from '../messages.js';
import type { Order } from '../model.js';
import { ReceiptView } from './receipt.js';

export function ReceiptDialog({ orderId, onClose }: { readonly orderId: string; readonly onClose: () => void }): ReactNode {
  const text = useText<PosMessageId>();
  const order = useDocument<Order>('orders', orderId);
  if (order === undefined) return null;
  const receipt = order.doc.payments?.findLast((payment) => payment.receipt !== undefined)?.receipt ?? order.doc.number;
  return (
    <Dialog title={text('receipt.title', { number: receipt })} onClose={onClose}>
      <ReceiptView order={order.doc} receipt={receipt} onDone={onClose} />
    </Dialog>
  );
}
