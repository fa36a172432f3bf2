import type { CommandId, CommandRecord, QueueFilter } from '@outpost/client';
import { useMemo, useSyncExternalStore } from 'react';
import { noCommands } from '../command_index.js';
import { Lazy } from '../lazy.js';
import { useOutpost } from '../provider.js';
import { useAction, type Action } from './use_action.js';

export interface QueueControls {
  readonly commands: readonly CommandRecord[];
  readonly syncNow: Action<[]>;
  readonly retry: Action<[CommandId]>;
  readonly retryAll: Action<[], number>;
  readonly latest: Action<[CommandId]>;
  readonly force: Action<[CommandId]>;
  readonly discard: Action<[CommandId], readonly CommandId[]>;
}

/** The queue as it changes, oldest first, and what a person can decide about it. */
export function useQueue(filter?: QueueFilter): QueueControls {
  const outpost = useOutpost();
  const content = JSON.stringify(filter);
  const store = useMemo(
    () => new Lazy<readonly CommandRecord[]>(() => outpost.liveQueue(filter), noCommands),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `content` stands for the filter
    [outpost, content],
  );
  const commands = useSyncExternalStore(store.subscribe, () => store.current);
  return { commands, ...useQueueActions() };
}

export function useQueueActions(): Omit<QueueControls, 'commands'> {
  const outpost = useOutpost();
  return {
    syncNow: useAction(() => outpost.syncNow()),
    retry: useAction((id: CommandId) => outpost.retry(id)),
    retryAll: useAction(() => outpost.retryAll()),
    latest: useAction((id: CommandId) => outpost.latest(id)),
    force: useAction((id: CommandId) => outpost.force(id)),
    discard: useAction((id: CommandId) => outpost.discard(id)),
  };
}
