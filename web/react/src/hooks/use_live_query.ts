import type { JsonObject, LiveState, Query, VisibleDocument } from '@outpost/client';
import { useMemo, useSyncExternalStore } from 'react';
import { Lazy } from '../lazy.js';
import { useOutpost } from '../provider.js';

const nothing: readonly VisibleDocument<never>[] = [];

/**
 * The result of a query as it changes, while the component is shown. The query may be written in place: it is asked anew
 * only when its content changes. `undefined` asks nothing. Documents that did not change stay the same objects.
 */
export function useLiveQuery<T = JsonObject>(query: Query | undefined): LiveState<T> {
  const outpost = useOutpost();
  const content = JSON.stringify(query);
  const store = useMemo(() => {
    const loading: LiveState<T> = { state: query === undefined ? 'ready' : 'loading', documents: nothing };
    if (query === undefined) return { current: loading, subscribe: () => () => undefined };
    return new Lazy<LiveState<T>>(() => outpost.liveQuery<T>(query), loading);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `content` stands for the query
  }, [outpost, content]);
  return useSyncExternalStore(store.subscribe, () => store.current);
}

/** One document as it shows; undefined while it is being read or when there is none. */
export function useDocument<T = JsonObject>(collection: string, id: string | undefined): VisibleDocument<T> | undefined {
  const query = id === undefined ? undefined : { collection, where: { id }, limit: 1 };
  return useLiveQuery<T>(query).documents[0];
}
