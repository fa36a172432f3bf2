// What is done seldom with an order: moving it, cancelling it.
import { Dialog, ErrorText, useApiError, useCommand, useText } from '@outpost/react';
import { useState, type ReactNode } from 'react';
import type { PosMessageId } from '../messages.js';
import type { OrderDocument } from '../model.js';
import { MoveDialog } from './move_dialog.js';

export function MoreDialog({ order, onClose }: { readonly order: OrderDocument; readonly onClose: (gone: boolean) => void }): ReactNode {
  const text = useText<PosMessageId>();
  const [step, setStep] = useState<'choose' | 'move' | 'cancel'>('choose');
  const cancel = useCommand('ORDER_CANCEL_V1');
  const error = useApiError()(cancel.error);
  const isNew = order.doc.status === 'NEW';
  if (step === 'move') return <MoveDialog order={order} onClose={(moved) => (moved ? onClose(true) : setStep('choose'))} />;
  if (step === 'choose') {
    return (
      <Dialog title={text('pos.number', { number: order.doc.number })} onClose={() => onClose(false)}>
        <div className="p-choices">
          <button type="button" className="o-button" disabled={!isNew} aria-describedby="move-hint" onClick={() => setStep('move')}>
            {text('pos.move')}
          </button>
          <button type="button" className="o-button o-button-bad" onClick={() => setStep('cancel')}>
            {text('pos.cancelOrder')}
          </button>
        </div>
        {!isNew && <p id="move-hint">{text('pos.move.sent')}</p>}
      </Dialog>
    );
  }
  const drop = async (): Promise<void> => {
    if ((await cancel.run({ id: order.id })) !== undefined) onClose(true);
  };
  return (
    <Dialog title={text('pos.cancelOrder')} onClose={() => onClose(false)}>
      <p>{text('pos.cancelOrder.sure', { number: order.doc.number })}</p>
      {error !== undefined && <ErrorText>{error.message}</ErrorText>}
      <div className="o-actions p-actions-end">
        <button type="button" className="o-button" onClick={() => setStep('choose')}>
          {text('pos.back')}
        </button>
        <button type="button" className="o-button o-button-bad" disabled={cancel.busy} onClick={() => void drop()}>
          {text('pos.cancelOrder.yes')}
        </button>
      </div>
    </Dialog>
  );
}
