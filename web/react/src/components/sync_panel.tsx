// U3: the queue with its filters and every control a person has over it.
import type { CommandRecord, CommandStatus } from '@outpost/client';
import { useState, type ReactNode } from 'react';
import { formatAge } from '../format.js';
import { useApiError } from '../hooks/use_api_error.js';
import { useConnection } from '../hooks/use_connection.js';
import { useQueue } from '../hooks/use_queue.js';
import type { MessageId } from '../messages/index.js';
import { useText } from '../provider.js';
import { ConflictDialog } from './conflict_dialog.js';
import { ErrorText } from './dialog.js';
import { DiscardDialog } from './discard_dialog.js';
import { EditDialog } from './edit_dialog.js';
import { QueueItem } from './queue_item.js';

type Filter = 'open' | 'attention' | 'done' | 'all';

const filters: { readonly [name in Filter]: readonly CommandStatus[] | undefined } = {
  open: ['PENDING', 'FAILED', 'CONFLICT', 'BLOCKED', 'DISCARDING'],
  attention: ['FAILED', 'CONFLICT', 'BLOCKED'],
  done: ['SUCCEEDED', 'DISCARDED'],
  all: undefined,
};

const shownAtFirst = 50;

export interface SyncPanelProps {
  readonly currency?: string;
  readonly initialFilter?: Filter;
}

type Decision = { readonly kind: 'conflict' | 'edit' | 'discard'; readonly command: CommandRecord };

export function SyncPanel({ currency = 'EUR', initialFilter = 'open' }: SyncPanelProps): ReactNode {
  const [filter, setFilter] = useState<Filter>(initialFilter);
  const [shown, setShown] = useState(shownAtFirst);
  const [decision, setDecision] = useState<Decision>();
  const text = useText();
  const status = filters[filter];
  const queue = useQueue(status === undefined ? undefined : { status });
  const newestFirst = [...queue.commands].reverse();
  const decide = (kind: Decision['kind']) => (command: CommandRecord) => setDecision({ kind, command });
  const close = (): void => setDecision(undefined);
  return (
    <div className="o-panel">
      <PanelHead syncNow={queue.syncNow} retryAll={queue.retryAll} />
      <FilterBar filter={filter} onFilter={setFilter} />
      {newestFirst.length === 0 && <p className="o-empty">{text(filter === 'open' ? 'panel.empty.open' : 'panel.empty')}</p>}
      <ul className="o-items">
        {newestFirst.slice(0, shown).map((command) => (
          <QueueItem key={command.id} command={command} currency={currency} onConflict={decide('conflict')} onEdit={decide('edit')} onDiscard={decide('discard')} />
        ))}
      </ul>
      {newestFirst.length > shown && (
        <button type="button" className="o-button" onClick={() => setShown(shown + shownAtFirst)}>
          {text('panel.more')}
        </button>
      )}
      {decision?.kind === 'conflict' && <ConflictDialog command={decision.command.id} currency={currency} onClose={close} />}
      {decision?.kind === 'edit' && <EditDialog command={decision.command} onClose={close} />}
      {decision?.kind === 'discard' && <DiscardDialog command={decision.command} currency={currency} onClose={close} />}
    </div>
  );
}

function PanelHead({ syncNow, retryAll }: Pick<ReturnType<typeof useQueue>, 'syncNow' | 'retryAll'>): ReactNode {
  const text = useText();
  const { state, status, sinceSyncMs } = useConnection();
  const progress = state === 'syncing' ? status.progress : undefined;
  const error = useApiError()(syncNow.error ?? retryAll.error);
  return (
    <div className="o-panel-head">
      <p className="o-item-when">
        {sinceSyncMs === undefined ? text('panel.neverSynced') : text('panel.lastSync', { age: formatAge(text, sinceSyncMs) })}
        {' · '}
        {text('panel.openCount', { count: status.waiting })}
      </p>
      <div className="o-actions">
        <button type="button" className="o-button o-button-main" disabled={syncNow.busy} onClick={() => void syncNow.run()}>
          {progress === undefined ? text('panel.syncNow') : text('panel.syncing', { done: progress.done, of: progress.of })}
        </button>
        {status.quarantined > 0 && (
          <button type="button" className="o-button" disabled={retryAll.busy} onClick={() => void retryAll.run()}>
            {text('panel.retryAll')}
          </button>
        )}
      </div>
      {error !== undefined && <ErrorText>{error.message}</ErrorText>}
    </div>
  );
}

function FilterBar({ filter, onFilter }: { readonly filter: Filter; readonly onFilter: (filter: Filter) => void }): ReactNode {
  const text = useText();
  return (
    <fieldset className="o-choice">
      <legend className="o-unseen">{text('panel.filter')}</legend>
      {(Object.keys(filters) as Filter[]).map((name) => (
        <label key={name} className="o-chip">
          <input type="radio" name="outpost-filter" checked={filter === name} onChange={() => onFilter(name)} />
          <span>{text(`panel.filter.${name}` satisfies MessageId)}</span>
        </label>
      ))}
    </fieldset>
  );
}
