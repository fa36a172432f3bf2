// U1: one line that always says how the line is, how old what is shown is, and how much waits. Changes of state are
// announced to screen readers; the ticking age is not.
import type { ReactNode } from 'react';
import { formatAge } from '../format.js';
import { useConnection, type Connection, type ConnectionState } from '../hooks/use_connection.js';
import type { Text } from '../messages/index.js';
import { useText } from '../provider.js';
import { Icon, type IconName } from './icons.js';

export interface ConnectionBannerProps {
  /** What is shown from the cache while the line is down: data, or a kitchen's tickets. */
  readonly shows?: 'data' | 'tickets';
  /** Opens the sync panel; the banner is then a button. */
  readonly onOpen?: () => void;
}

const icons: { readonly [state in ConnectionState]: IconName } = {
  opening: 'clock',
  connecting: 'sync',
  connected: 'check',
  syncing: 'sync',
  reconnecting: 'sync',
  offline: 'cloudOff',
  signIn: 'alert',
};

interface Line {
  readonly text: string;
  /** After the main text, not announced. */
  readonly details: readonly string[];
}

export function bannerLine(text: Text, { state, status, sinceSyncMs }: Connection, shows: 'data' | 'tickets'): Line {
  const age = sinceSyncMs === undefined ? undefined : formatAge(text, sinceSyncMs);
  const queued = status.waiting > 0 ? [text('banner.offline.queued', { count: status.waiting })] : [];
  switch (state) {
    case 'opening':
      return { text: text('banner.opening'), details: [] };
    case 'connecting':
      return { text: text('banner.connecting'), details: queued };
    case 'connected':
      if (!status.caughtUp || age === undefined) return { text: text('banner.receiving'), details: queued };
      return { text: text('banner.connected', { age }), details: queued };
    case 'syncing': {
      const { done, of } = status.progress ?? { done: 0, of: status.inFlight };
      return { text: text('banner.syncing', { done, of }), details: [] };
    }
    case 'reconnecting':
      return { text: text('banner.reconnecting', { count: status.waiting }), details: [] };
    case 'offline': {
      const old = age === undefined ? [] : [text('banner.offline.age', { age })];
      return { text: text(shows === 'tickets' ? 'banner.offline.tickets' : 'banner.offline'), details: [...old, ...queued] };
    }
    case 'signIn':
      return { text: text('banner.signIn'), details: queued };
  }
}

function Content({ connection, shows }: { readonly connection: Connection; readonly shows: 'data' | 'tickets' }): ReactNode {
  const text = useText();
  const { status, state } = connection;
  const line = bannerLine(text, connection, shows);
  const { done, of } = status.progress ?? { done: 0, of: 0 };
  return (
    <>
      <Icon name={icons[state]} />
      <span className="o-banner-text">
        <span>{line.text}</span>
        {line.details.length > 0 && <span className="o-banner-details">{line.details.join(' · ')}</span>}
      </span>
      {state === 'syncing' && of > 0 && <progress className="o-banner-progress" value={done} max={of} aria-hidden="true" />}
      {status.quarantined > 0 && (
        <span className="o-banner-attention">
          <Icon name="alert" />
          {text('banner.attention', { count: status.quarantined })}
        </span>
      )}
    </>
  );
}

/** What is said aloud: the state without its ticking numbers. */
function announcement(text: Text, connection: Connection, shows: 'data' | 'tickets'): string {
  const { state } = connection;
  if (state === 'connected') return text('banner.connected', { age: text('age.now') });
  if (state === 'syncing') return text('banner.receiving');
  return bannerLine(text, connection, shows).text;
}

export function ConnectionBanner({ shows = 'data', onOpen }: ConnectionBannerProps): ReactNode {
  const text = useText();
  const connection = useConnection();
  const className = `o-banner o-banner-${connection.state}`;
  const content = <Content connection={connection} shows={shows} />;
  return (
    <>
      {onOpen === undefined ? (
        <div className={className}>{content}</div>
      ) : (
        <button type="button" className={className} onClick={onOpen}>
          {content}
        </button>
      )}
      <span className="o-unseen" role="status">
        {announcement(text, connection, shows)}
      </span>
    </>
  );
}
