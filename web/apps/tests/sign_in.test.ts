// Where no demo hands out tokens: people sign in with the code their manager gave them.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ready, Restaurant } from './restaurant.js';

let restaurant: Restaurant;
beforeAll(async () => {
  restaurant = await Restaurant.open({ demo: false });
});
afterAll(() => restaurant.close());

async function signIn(page: Page, code: string): Promise<void> {
  await page.getByLabel('Restaurant').fill('bistro');
  await page.getByLabel('Your name').fill('nora');
  await page.getByLabel('Access code').fill(code);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

describe('signing in without the demo', () => {
  it('opens the till, stays signed in over a reload, and offers no cable', async () => {
    const page = await (await restaurant.terminal()).newPage();
    await page.goto(`${restaurant.url}/apps/pos`);
    await signIn(page, restaurant.token('nora'));
    await ready(page);
    await page.reload();
    await ready(page);
    await page.getByRole('button', { name: 'nora' }).click();
    expect(await page.getByRole('switch').count()).toBe(0);
    await page.context().close();
  });

  it('says that a code is not taken, keeps the work, and takes a new one', async () => {
    const page = await (await restaurant.terminal()).newPage();
    await page.goto(`${restaurant.url}/apps/pos`);
    await signIn(page, 'not a code');
    const again = page.getByRole('region').getByRole('button', { name: 'Sign in' });
    await again.waitFor();
    await page.getByText('You can go on working.').waitFor();
    await page.getByRole('button', { name: 'New order' }).waitFor();
    await again.click();
    expect(await page.getByLabel('Restaurant').inputValue()).toBe('bistro');
    await signIn(page, restaurant.token('nora'));
    await ready(page);
    await page.getByText('Connected').first().waitFor();
    await page.context().close();
  });
});
