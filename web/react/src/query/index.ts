// @outpost/react/query: TanStack Query beside Outpost (R6).
//   outpostQuery            options of a query over a collection: read from this device, changed by invalidation
//   useOutpostInvalidation  tells TanStack Query which collections changed, once per cut
//   createOutpostPersister  keeps other queries' answers (plain GETs) on the device, apart for each workspace and user
export { collectionKey, invalidateOnChange, outpostQuery, useOutpostInvalidation } from './collections.js';
export { createOutpostPersister, type OutpostPersister, type PersistedClient, type PersisterOptions } from './persister.js';
