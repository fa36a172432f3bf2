// U7: what a person has to know, above everything else: each with what to do next. Most urgent first.
import type { StoreLost } from '@outpost/client';
import { useEffect, useState, type ReactNode } from 'react';
import { useSyncStatus } from '../hooks/use_sync_status.js';
import { useOutpost, useText } from '../provider.js';
import { Icon } from './icons.js';

export interface NoticesProps {
  /** From here on "too many waiting" is shown; as the client's option of that name. */
  readonly waitingAlert?: number;
  /** Opens the sync panel on what needs a person. */
  readonly onAttention?: () => void;
  readonly onSignIn?: () => void;
}

const waitingAlertDefault = 100;

export function Notices({ waitingAlert = waitingAlertDefault, onAttention, onSignIn }: NoticesProps): ReactNode {
  const text = useText();
  const status = useSyncStatus();
  const [lost, forgetLost] = useStoreLost();
  const { storage } = status;
  const reload = (): void => window.location.reload();
  return (
    <div className="o-notices" role="region" aria-live="polite" aria-label={text('panel.filter.attention')}>
      {status.storeError !== '' && (
        <Notice tone="bad" title={text('notice.store.title')} body={text('notice.store.text')} action={text('notice.reload')} onAction={reload} />
      )}
      {lost !== undefined && (
        <Notice tone="bad" title={text('notice.lost.title')} body={text('notice.lost.text', { count: lost.missing })} action={text('notice.hide')} onAction={forgetLost} />
      )}
      {status.role === 'stuck' && (
        <Notice tone="warn" title={text('notice.stuck.title')} body={text('notice.stuck.text', { tab: status.stuckTab ?? '?' })} />
      )}
      {status.role !== 'opening' && !storage.durable && (
        <Notice tone="warn" title={text('notice.volatile.title')} body={text('notice.volatile.text')} />
      )}
      {status.signInNeeded && (
        <Notice tone="warn" title={text('notice.signIn.title')} body={text('notice.signIn.text')} action={text('notice.signInNow')} onAction={onSignIn} />
      )}
      {status.waiting >= waitingAlert && (
        <Notice tone="warn" title={text('notice.waiting.title')} body={text('notice.waiting.text', { count: status.waiting })} />
      )}
      {status.quarantined > 0 && (
        <Notice
          tone="warn"
          title={text('notice.attention.title', { count: status.quarantined })}
          body={text('notice.attention.text')}
          action={text('notice.look')}
          onAction={onAttention}
        />
      )}
    </div>
  );
}

function useStoreLost(): [StoreLost | undefined, () => void] {
  const outpost = useOutpost();
  const [lost, setLost] = useState<StoreLost>();
  useEffect(() => outpost.on('storeLost', setLost), [outpost]);
  return [lost, () => setLost(undefined)];
}

interface NoticeProps {
  readonly tone: 'warn' | 'bad';
  readonly title: string;
  readonly body: string;
  readonly action?: string;
  readonly onAction?: (() => void) | undefined;
}

function Notice({ tone, title, body, action, onAction }: NoticeProps): ReactNode {
  return (
    <div className={`o-notice o-notice-${tone}`}>
      <Icon name="alert" />
      <p>
        <strong>{title}</strong> {body}
      </p>
      {action !== undefined && onAction !== undefined && (
        <button type="button" className="o-button" onClick={onAction}>
          {action}
        </button>
      )}
    </div>
  );
}
