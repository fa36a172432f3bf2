import type { JsonObject, Outpost, Query, VisibleDocument } from '@outpost/client';
import { queryOptions, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useOutpost } from '../provider.js';

const root = 'outpost';

/** The beginning of every key over this collection. */
export const collectionKey = (collection: string) => [root, collection] as const;

/** For useQuery: reads what is visible on this device; changes come by invalidation, so nothing is read again by time. */
export function outpostQuery<T = JsonObject>(outpost: Outpost, query: Query) {
  return queryOptions({
    queryKey: [...collectionKey(query.collection), query] as readonly unknown[],
    queryFn: (): Promise<readonly VisibleDocument<T>[]> => outpost.query<T>(query),
    networkMode: 'always',
    staleTime: Infinity,
    retry: false,
  });
}

/** Once per page: changed collections are read again where they are shown. */
export function useOutpostInvalidation(): void {
  const outpost = useOutpost();
  const client = useQueryClient();
  useEffect(() => invalidateOnChange(outpost, client), [outpost, client]);
}

export function invalidateOnChange(outpost: Pick<Outpost, 'on'>, client: QueryClient): () => void {
  return outpost.on('notice', ({ kind, documents }) => {
    if (kind !== 'documentsChanged') return;
    const collections = documents === undefined ? undefined : new Set(documents.map((key) => key.collection));
    if (collections === undefined) void client.invalidateQueries({ queryKey: [root] });
    for (const collection of collections ?? []) void client.invalidateQueries({ queryKey: collectionKey(collection) });
  });
}
