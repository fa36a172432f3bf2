// U2: how one record stands. A button where a person can do something about it, else a mark.
import type { CommandRecord, DocumentKey } from '@outpost/client';
import type { ReactNode } from 'react';
import { useRecordStatus, type RecordState } from '../hooks/use_record_status.js';
import { useQueueActions } from '../hooks/use_queue.js';
import type { MessageId } from '../messages/index.js';
import { useText } from '../provider.js';
import { Icon, type IconName } from './icons.js';

export interface RecordBadgeProps {
  readonly record: DocumentKey;
  /** Opens the conflict screen. */
  readonly onConflict?: (command: CommandRecord) => void;
  /** Draws nothing for what is synced. */
  readonly quiet?: boolean;
}

const looks: { readonly [state in RecordState]: { readonly icon: IconName; readonly text: MessageId } } = {
  synced: { icon: 'check', text: 'badge.synced' },
  pending: { icon: 'clock', text: 'badge.pending' },
  syncing: { icon: 'sync', text: 'badge.syncing' },
  conflict: { icon: 'alert', text: 'badge.conflict' },
  failed: { icon: 'cross', text: 'badge.failed' },
  blocked: { icon: 'queue', text: 'badge.blocked' },
};

export function RecordBadge({ record, onConflict, quiet = false }: RecordBadgeProps): ReactNode {
  const text = useText();
  const { state, operations, needsYou } = useRecordStatus(record);
  const { retry } = useQueueActions();
  if (quiet && state === 'synced') return null;
  const look = looks[state];
  const className = `o-badge o-badge-${state}`;
  const content = (
    <>
      <Icon name={look.icon} />
      {text(look.text, { count: operations })}
    </>
  );
  const act = needsYou === undefined ? undefined : state === 'failed' ? () => void retry.run(needsYou.id) : onConflict && (() => onConflict(needsYou));
  if (act === undefined) return <span className={className}>{content}</span>;
  return (
    <button type="button" className={className} onClick={act} disabled={retry.busy}>
      {content}
    </button>
  );
}
