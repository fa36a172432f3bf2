import type { Conflict } from '@outpost/client';
import { useEffect, useState } from 'react';
import { useOutpost } from '../provider.js';
import { useQueue } from './use_queue.js';

const none: readonly Conflict[] = [];
const inConflict = { status: 'CONFLICT' } as const;

/** What the server would not apply over somebody else's change; undefined while it is being read. */
export function useConflicts(): readonly Conflict[] | undefined {
  const outpost = useOutpost();
  const { commands } = useQueue(inConflict);
  const [conflicts, setConflicts] = useState<readonly Conflict[]>();
  useEffect(() => {
    let current = true;
    outpost.conflicts().then(
      (found) => current && setConflicts(found),
      () => current && setConflicts(none),
    );
    return () => {
      current = false;
    };
  }, [outpost, commands]);
  return conflicts;
}
