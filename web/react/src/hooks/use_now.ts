import { useSyncExternalStore } from 'react';
import { useShared } from '../provider.js';

/** What `read` makes of the time; looked at once a second, drawn again only when the value changes. */
export function useTicking<T extends string | number | boolean | undefined>(read: (now: number) => T): T {
  const { clock } = useShared();
  return useSyncExternalStore(clock.subscribe, () => read(clock.current));
}
