import type { CommandRecord, DocumentKey } from '@outpost/client';
import { useSyncExternalStore } from 'react';
import { useShared } from '../provider.js';

export type RecordState = 'synced' | 'pending' | 'syncing' | 'conflict' | 'failed' | 'blocked';

export interface RecordStatus {
  readonly state: RecordState;
  /** Open commands about this record. */
  readonly operations: number;
  /** The one a person has to decide on. */
  readonly needsYou?: CommandRecord;
}

const synced: RecordStatus = { state: 'synced', operations: 0 };

/** The worst of what is open decides. */
export function recordStatusOf(commands: readonly CommandRecord[], sending: boolean): RecordStatus {
  if (commands.length === 0) return synced;
  const operations = commands.length;
  const conflict = commands.find((command) => command.status === 'CONFLICT');
  if (conflict !== undefined) return { state: 'conflict', operations, needsYou: conflict };
  const failed = commands.find((command) => command.status === 'FAILED');
  if (failed !== undefined) return { state: 'failed', operations, needsYou: failed };
  if (commands.some((command) => command.status === 'BLOCKED')) return { state: 'blocked', operations };
  return { state: sending ? 'syncing' : 'pending', operations };
}

/** How one record stands: synced, or what is open about it. */
export function useRecordStatus(key: DocumentKey): RecordStatus {
  const { commands, outpost } = useShared();
  const { statusObservable } = outpost;
  const mine = useSyncExternalStore(commands.open.subscribe, () => commands.of(key));
  const sending = useSyncExternalStore(
    (listener) => statusObservable.subscribe(listener),
    // A record with nothing open is not drawn again because others are sent.
    () => mine.length > 0 && statusObservable.current.online && statusObservable.current.inFlight > 0,
  );
  return recordStatusOf(mine, sending);
}
