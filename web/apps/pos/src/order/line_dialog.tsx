// One line of an order or draft: how many, a note, or away with it.
import { Dialog, ErrorText, useAction, useApiError, useNumber, useText } from '@outpost/react';
import { useState, type ReactNode } from 'react';
import type { PosMessageId } from '../messages.js';

export interface LineChange {
  readonly quantity: number;
  readonly note: string;
}

export interface LineDialogProps {
  readonly name: string;
  readonly before: LineChange;
  readonly sent: boolean;
  /** Undefined: remove it. */
  readonly onChange: (change: LineChange | undefined) => Promise<unknown>;
  readonly onClose: () => void;
}

const quantityMax = 999;

export function LineDialog({ name, before, sent, onChange, onClose }: LineDialogProps): ReactNode {
  const text = useText<PosMessageId>();
  const number = useNumber();
  const [quantity, setQuantity] = useState(before.quantity);
  const [note, setNote] = useState(before.note);
  const apply = useAction(async (change: LineChange | undefined) => {
    await onChange(change);
    onClose();
  });
  const error = useApiError()(apply.error);
  const unchanged = quantity === before.quantity && note === before.note;
  return (
    <Dialog title={text('pos.line.title', { name })} onClose={onClose}>
      {sent && <p className="p-hint">{text('pos.line.sentHint')}</p>}
      <div className="p-stepper">
        <button type="button" className="o-button" disabled={quantity <= 1} aria-label={text('pos.line.less')} onClick={() => setQuantity(quantity - 1)}>
          −
        </button>
        <output aria-live="polite">{number(quantity)}</output>
        <button type="button" className="o-button" disabled={quantity >= quantityMax} aria-label={text('pos.line.more')} onClick={() => setQuantity(quantity + 1)}>
          +
        </button>
      </div>
      <label className="o-field">
        <span>{text('pos.line.note')}</span>
        <input type="text" dir="auto" maxLength={200} value={note} onChange={({ target }) => setNote(target.value)} />
      </label>
      {error !== undefined && <ErrorText>{error.message}</ErrorText>}
      <div className="o-actions p-actions-end">
        <button type="button" className="o-button o-button-bad" disabled={apply.busy} onClick={() => void apply.run(undefined)}>
          {text('pos.line.remove')}
        </button>
        <button type="button" className="o-button o-button-main" disabled={apply.busy} onClick={() => (unchanged ? onClose() : void apply.run({ quantity, note: note.trim() }))}>
          {text('pos.line.done')}
        </button>
      </div>
    </Dialog>
  );
}
