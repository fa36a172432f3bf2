// @outpost/client: see api.ts for what it promises.
export type * from './api.js';
