// The short forms of queries and filters, written out as the engine reads them.
import type { Condition, Query, QueueFilter } from '../api.js';

export function normalQuery(query: Query): Query {
  const where: readonly Condition[] = isList(query.where)
    ? query.where
    : Object.entries(query.where ?? {}).map(([field, value]) => ({ field, value }));
  const order = typeof query.orderBy === 'string' ? { field: query.orderBy } : query.orderBy;
  return { collection: query.collection, where, ...(order === undefined ? {} : { orderBy: order }), limit: query.limit ?? 0 };
}

function isList(where: Query['where']): where is readonly Condition[] {
  return Array.isArray(where);
}

export function queueArguments(filter: QueueFilter): Record<string, unknown> {
  const status = typeof filter.status === 'string' ? [filter.status] : filter.status;
  return {
    ...(status === undefined ? {} : { status }),
    ...(filter.resource === undefined ? {} : { resource: filter.resource }),
    ...(filter.limit === undefined ? {} : { limit: filter.limit }),
  };
}
