// The contract that the client of component tests keeps, kept by the real one: in Chromium, against the real server.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { contract, type Check } from '@outpost/react/testing';
import type { Outpost } from '@outpost/client';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { Restaurant, sent } from './restaurant.js';

const source = readFileSync(resolve(__dirname, '../../react/dist/testing/contract.js'), 'utf8');
const script = `window.contract = (() => { ${source.replace('export const contract', 'const contract')}; return contract; })();`;

let restaurant: Restaurant;
beforeAll(async () => {
  restaurant = await Restaurant.open();
});
afterAll(() => restaurant.close());

type Running = Window & { contract: readonly Check[]; outpost: Outpost };

describe('the real client keeps the contract', () => {
  for (const { name } of contract) {
    it(name, async () => {
      const context = await restaurant.terminal();
      await context.addInitScript({ content: script });
      const page = await restaurant.page(context, '/apps/pos');
      await sent(page);
      await page.evaluate(async (wanted) => {
        const { contract: checks, outpost } = window as unknown as Running;
        const check = checks.find((one) => one.name === wanted);
        if (check === undefined) throw new Error(`no such check: ${wanted}`);
        await check.run(outpost);
      }, name);
      await context.close();
    });
  }
});
