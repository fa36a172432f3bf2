// U4: what a person changed beside what the server has, field by field, and the three ways out.
import type { Conflict, FieldDiff } from '@outpost/client';
import { useState, type ReactNode } from 'react';
import { nameOfCommand, nameOfField, summaryOf, valueOfField } from '../describe.js';
import { formatAge } from '../format.js';
import { messageOfCode, useApiError } from '../hooks/use_api_error.js';
import { useTicking } from '../hooks/use_now.js';
import { useQueueActions } from '../hooks/use_queue.js';
import { useShared } from '../provider.js';
import { DiscardDialog } from './discard_dialog.js';
import { ErrorText } from './dialog.js';

export interface ConflictScreenProps {
  readonly conflict: Conflict;
  readonly currency?: string;
  /** Called once a way out was taken. */
  readonly onDone?: () => void;
}

export function ConflictScreen({ conflict, currency = 'EUR', onDone }: ConflictScreenProps): ReactNode {
  const { text, intl, locale } = useShared();
  const words = { text, intl, currency };
  return (
    <section className="o-conflict" aria-label={text('conflict.title')}>
      <p className="o-conflict-what">
        <strong>{nameOfCommand(text, conflict.command)}</strong> {summaryOf(words, conflict.command)}
      </p>
      <p>{text('conflict.intro')}</p>
      <WhoElse conflict={conflict} />
      {conflict.diff.length === 0 ? (
        <p className="o-item-problem">
          {text('conflict.noFields')} {messageOfCode(locale, conflict.conflictType)}
        </p>
      ) : (
        <DiffTable diff={conflict.diff} currency={currency} />
      )}
      <WaysOut conflict={conflict} currency={currency} onDone={onDone} />
    </section>
  );
}

function WhoElse({ conflict }: { readonly conflict: Conflict }): ReactNode {
  const { text } = useShared();
  const { updatedAt, updatedBy, createdBy } = (conflict.theirs ?? {}) as { updatedAt?: unknown; updatedBy?: unknown; createdBy?: unknown };
  const author = typeof updatedBy === 'string' ? updatedBy : typeof createdBy === 'string' ? createdBy : undefined;
  const at = typeof updatedAt === 'string' ? Date.parse(updatedAt) : undefined;
  const age = useTicking((now) => (at === undefined ? '' : formatAge(text, now - at)));
  if (author === undefined || at === undefined || typeof updatedBy !== 'string') return null;
  return <p className="o-item-when">{text('conflict.by', { author, age })}</p>;
}

function DiffTable({ diff, currency }: { readonly diff: readonly FieldDiff[]; readonly currency: string }): ReactNode {
  const { text, intl } = useShared();
  const words = { text, intl, currency };
  return (
    <table className="o-diff">
      <thead>
        <tr>
          <th scope="col">{text('conflict.field')}</th>
          <th scope="col">{text('conflict.mine')}</th>
          <th scope="col">{text('conflict.theirs')}</th>
        </tr>
      </thead>
      <tbody>
        {diff.map(({ field, yours, theirs }) => (
          <tr key={field}>
            <th scope="row">{nameOfField(text, field)}</th>
            <td className="o-diff-mine" data-label={text('conflict.mine')}>
              {valueOfField(words, field, yours)}
            </td>
            <td data-label={text('conflict.theirs')}>{valueOfField(words, field, theirs)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function WaysOut({ conflict, currency, onDone }: { readonly conflict: Conflict; readonly currency: string; readonly onDone: (() => void) | undefined }): ReactNode {
  const { text } = useShared();
  const { latest, force } = useQueueActions();
  const [discarding, setDiscarding] = useState(false);
  const error = useApiError()(latest.error ?? force.error);
  const busy = latest.busy || force.busy;
  const { id } = conflict.command;
  return (
    <>
      <ul className="o-ways">
        <li>
          <button type="button" className="o-button o-button-main" disabled={busy} onClick={() => void latest.run(id).then(onDone)}>
            {text('action.latest')}
          </button>
          <span>{text('conflict.latest.help')}</span>
        </li>
        {conflict.canForce && (
          <li>
            <button type="button" className="o-button" disabled={busy} onClick={() => void force.run(id).then(onDone)}>
              {text('action.force')}
            </button>
            <span>{text('conflict.force.help')}</span>
          </li>
        )}
        <li>
          <button type="button" className="o-button o-button-bad" disabled={busy} onClick={() => setDiscarding(true)}>
            {text('action.discard')}
          </button>
          <span>{text('conflict.discard.help')}</span>
        </li>
      </ul>
      {error !== undefined && <ErrorText>{error.message}</ErrorText>}
      {discarding && (
        <DiscardDialog
          command={conflict.command}
          currency={currency}
          onClose={(discarded) => {
            setDiscarding(false);
            if (discarded) onDone?.();
          }}
        />
      )}
    </>
  );
}
