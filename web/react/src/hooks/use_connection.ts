import type { SyncStatus } from '@outpost/client';
import { useSyncStatus } from './use_sync_status.js';
import { useTicking } from './use_now.js';

export type ConnectionState = 'opening' | 'connecting' | 'connected' | 'syncing' | 'reconnecting' | 'offline' | 'signIn';

/** Out of reach for this long, with the network there: no longer "reconnecting" but offline. */
export const reconnectingForMs = 30_000;

/** What a person would call the state of the line. `silentMs`: since the server was last heard. */
export function connectionOf(status: SyncStatus, silentMs: number): ConnectionState {
  if (status.role === 'opening') return 'opening';
  if (status.signInNeeded) return 'signIn';
  if (status.line === 'down') return 'offline';
  if (!status.online) {
    if (status.lastSync === undefined && !status.caughtUp && silentMs < reconnectingForMs) return 'connecting';
    return silentMs < reconnectingForMs ? 'reconnecting' : 'offline';
  }
  return status.progress !== undefined || status.inFlight > 0 ? 'syncing' : 'connected';
}

export interface Connection {
  readonly state: ConnectionState;
  readonly status: SyncStatus;
  /** Milliseconds since the last sync, in whole seconds; undefined: never. */
  readonly sinceSyncMs: number | undefined;
}

const startedAt = Date.now();

export function useConnection(): Connection {
  const status = useSyncStatus();
  const lastSync = status.lastSync === undefined ? undefined : Date.parse(status.lastSync);
  const since = useTicking((now) => Math.max(0, Math.floor((now - (lastSync ?? startedAt)) / 1000)) * 1000);
  return { state: connectionOf(status, since), status, sinceSyncMs: lastSync === undefined ? undefined : since };
}
