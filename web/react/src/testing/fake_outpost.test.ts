import { describe, it } from 'vitest';
import { contract, FakeOutpost } from './index.js';

describe('the fake client keeps the contract', () => {
  for (const check of contract) it(check.name, () => check.run(new FakeOutpost()));
});
