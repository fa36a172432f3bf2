// The persister for TanStack Query on a browser's real IndexedDB.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { createOutpostPersister, PersistedClient } from '@outpost/react/query';
import { Restaurant } from './restaurant.js';

const script = readFileSync(resolve(__dirname, '../../react/dist/query/persister.js'), 'utf8');

let restaurant: Restaurant;
beforeAll(async () => {
  restaurant = await Restaurant.open();
});
afterAll(() => restaurant.close());

type Persisting = Window & { make(user: string): ReturnType<typeof createOutpostPersister>; logOut(): void };

const html = `<script type="module">${script}
  const listeners = [];
  const outpost = { on: (name, listener) => (name === 'loggedOut' && listeners.push(listener), () => undefined) };
  window.make = (user) => createOutpostPersister(outpost, { workspace: 'w', user });
  window.logOut = () => listeners.forEach((tell) => tell());
</script>`;

/** A page on the server's origin with `make(user)`; `logOut()` tells every persister of it. */
async function load(page: Page): Promise<void> {
  await page.route('**/persister', (route) => route.fulfill({ contentType: 'text/html', body: html }));
  await page.goto(`${restaurant.url}/persister`);
  await page.waitForFunction(() => 'make' in window);
}

const client = {
  timestamp: 7,
  buster: '',
  clientState: { mutations: [], queries: [{ queryKey: ['menu'] }, { queryKey: ['outpost', 'orders'] }] },
} as unknown as PersistedClient;

const restore = (page: Page, user: string) => page.evaluate((name) => (window as unknown as Persisting).make(name).restoreClient(), user);

describe('the persister', () => {
  it('keeps a user’s queries over a reload, apart from another’s, without Outpost’s collections, and forgets them at sign-out', async () => {
    const page = await (await restaurant.terminal()).newPage();
    await load(page);
    expect(await restore(page, 'mina')).toBeUndefined();
    await page.evaluate((value) => (window as unknown as Persisting).make('mina').persistClient(value), client);
    await load(page);
    const found = await restore(page, 'mina');
    expect(found?.timestamp).toBe(7);
    expect(found?.clientState.queries.map(({ queryKey }) => queryKey)).toEqual([['menu']]);
    expect(await restore(page, 'leo')).toBeUndefined();
    await page.evaluate(() => (window as unknown as Persisting).logOut());
    await expect.poll(() => restore(page, 'mina')).toBeUndefined();
    await page.context().close();
  });
});
