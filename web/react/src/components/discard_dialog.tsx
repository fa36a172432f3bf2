// Before something is dropped: what else falls with it.
import type { CommandRecord } from '@outpost/client';
import { useEffect, useState, type ReactNode } from 'react';
import { nameOfCommand, summaryOf } from '../describe.js';
import { useApiError } from '../hooks/use_api_error.js';
import { useQueueActions } from '../hooks/use_queue.js';
import { useShared } from '../provider.js';
import { Dialog, ErrorText } from './dialog.js';

export interface DiscardDialogProps {
  readonly command: CommandRecord;
  readonly currency: string;
  readonly onClose: (discarded: boolean) => void;
}

export function DiscardDialog({ command, currency, onClose }: DiscardDialogProps): ReactNode {
  const { outpost, text, intl } = useShared();
  const [others, setOthers] = useState<readonly CommandRecord[]>([]);
  const { discard } = useQueueActions();
  const error = useApiError()(discard.error);
  useEffect(() => {
    outpost.discardPlan(command.id).then(setOthers, () => undefined);
  }, [outpost, command.id]);
  const drop = async (): Promise<void> => {
    if ((await discard.run(command.id)) !== undefined) onClose(true);
  };
  return (
    <Dialog title={text('discard.title')} onClose={() => onClose(false)}>
      <p>
        <strong>{nameOfCommand(text, command)}</strong> {summaryOf({ text, intl, currency }, command)}
      </p>
      <p>{others.length === 0 ? text('discard.alone') : text('discard.others', { count: others.length })}</p>
      {others.length > 0 && (
        <ul className="o-plain-list">
          {others.map((other) => (
            <li key={other.id}>
              {nameOfCommand(text, other)} {summaryOf({ text, intl, currency }, other)}
            </li>
          ))}
        </ul>
      )}
      {error !== undefined && <ErrorText>{error.message}</ErrorText>}
      <div className="o-actions">
        <button type="button" className="o-button" onClick={() => onClose(false)}>
          {text('action.cancel')}
        </button>
        <button type="button" className="o-button o-button-bad" disabled={discard.busy} onClick={() => void drop()}>
          {text('action.confirmDiscard')}
        </button>
      </div>
    </Dialog>
  );
}
