import type { SyncStatus } from '@outpost/client';
import { useSyncExternalStore } from 'react';
import { useOutpost } from '../provider.js';

/** Where this device stands: a snapshot, a new one whenever something in it changes. */
export function useSyncStatus(): SyncStatus {
  const { statusObservable } = useOutpost();
  return useSyncExternalStore(
    (listener) => statusObservable.subscribe(listener),
    () => statusObservable.current,
  );
}
