// One command of the queue with what a person can do about it.
import type { CommandRecord } from '@outpost/client';
import { useState, type ReactNode } from 'react';
import { nameOfCommand, summaryOf } from '../describe.js';
import { formatAge } from '../format.js';
import { messageOfCode, useApiError } from '../hooks/use_api_error.js';
import { useTicking } from '../hooks/use_now.js';
import { useQueueActions } from '../hooks/use_queue.js';
import { useShared } from '../provider.js';
import { ErrorText } from './dialog.js';

export interface QueueItemProps {
  readonly command: CommandRecord;
  readonly currency: string;
  readonly onConflict: (command: CommandRecord) => void;
  readonly onEdit: (command: CommandRecord) => void;
  readonly onDiscard: (command: CommandRecord) => void;
}

const isOpen = ({ status }: CommandRecord): boolean => status !== 'SUCCEEDED' && status !== 'DISCARDED' && status !== 'DISCARDING';

export function QueueItem(props: QueueItemProps): ReactNode {
  const { text, intl, locale } = useShared();
  const { command, currency } = props;
  const created = Date.parse(command.createdAt);
  const age = useTicking((now) => formatAge(text, now - created));
  const summary = summaryOf({ text, intl, currency }, command);
  return (
    <li className={`o-item o-item-${command.status.toLowerCase()}`} aria-label={nameOfCommand(text, command)}>
      <div className="o-item-head">
        <strong>{nameOfCommand(text, command)}</strong>
        <span className={`o-badge o-badge-${badgeOf(command)}`}>{text(`status.${command.status}`)}</span>
      </div>
      {summary !== '' && <p className="o-item-summary">{summary}</p>}
      <p className="o-item-when">
        {[age, text('panel.by', { author: command.author }), ...tries(command, text)].join(' · ')}
      </p>
      {command.problem !== undefined && isOpen(command) && <p className="o-item-problem">{messageOfCode(locale, command.problem.code)}</p>}
      {isOpen(command) && <ItemActions {...props} />}
    </li>
  );
}

function badgeOf({ status }: CommandRecord): string {
  switch (status) {
    case 'CONFLICT':
      return 'conflict';
    case 'FAILED':
      return 'failed';
    case 'BLOCKED':
      return 'blocked';
    case 'SUCCEEDED':
      return 'synced';
    default:
      return 'pending';
  }
}

const tries = ({ attempts }: CommandRecord, text: (id: 'panel.tries', values: { count: number }) => string): string[] =>
  attempts > 0 ? [text('panel.tries', { count: attempts })] : [];

/** Retry for what failed or waits; the three choices of a conflict stand on its own screen. */
function ItemActions({ command, onConflict, onEdit, onDiscard }: QueueItemProps): ReactNode {
  const { text } = useShared();
  const { retry } = useQueueActions();
  const [asked, setAsked] = useState(false);
  const error = useApiError()(retry.error);
  const failed = command.status === 'FAILED';
  const conflict = command.status === 'CONFLICT';
  return (
    <div className="o-actions">
      {conflict && (
        <button type="button" className="o-button o-button-main" onClick={() => onConflict(command)}>
          {text('action.choose')}
        </button>
      )}
      {(failed || (command.status === 'PENDING' && command.attempts > 0)) && (
        <button type="button" className="o-button o-button-main" disabled={retry.busy || asked} onClick={() => void retry.run(command.id).then(() => setAsked(true))}>
          {text('action.retry')}
        </button>
      )}
      {(failed || conflict) && (
        <button type="button" className="o-button" onClick={() => onEdit(command)}>
          {text('action.edit')}
        </button>
      )}
      <button type="button" className="o-button o-button-bad" onClick={() => onDiscard(command)}>
        {text('action.discard')}
      </button>
      {error !== undefined && <ErrorText>{error.message}</ErrorText>}
    </div>
  );
}
