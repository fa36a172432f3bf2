// @outpost/react/testing: a client in memory for component tests. It keeps the client's promises on visible documents,
// the queue and the status, and passes the same contract as the real one; it has no disk, no worker and no network.
export { FakeOutpost, type FakeOptions } from './fake_outpost.js';
export type { Effect, Effects, FakeContext, FakeWrite } from './fake_documents.js';
export { contract, type Check } from './contract.js';
export { restaurant } from './restaurant.js';
