// The start page as a newcomer meets it: the cable, what happens without it, and the second terminal.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FrameLocator, Page } from 'playwright-core';
import { eventually, Restaurant } from './restaurant.js';

let restaurant: Restaurant;
beforeAll(async () => {
  restaurant = await Restaurant.open();
});
afterAll(() => restaurant.close());

interface Stage {
  readonly page: Page;
  readonly till: FrameLocator;
  readonly kitchen: FrameLocator;
}

async function stage(): Promise<Stage> {
  const page = await (await restaurant.terminal()).newPage();
  await page.goto(restaurant.url);
  await page.locator('.t-line-online').nth(1).waitFor();
  return { page, till: page.frameLocator('iframe[title="Till"]'), kitchen: page.frameLocator('iframe[title="Kitchen"]') };
}

describe('the start page', () => {
  it('tells the promise: an order, the cable pulled, a sale, the cable back, all of it in the kitchen', async () => {
    const { page, till, kitchen } = await stage();
    await page.getByRole('switch', { name: 'A second terminal takes orders' }).click();
    const now = page.locator('[aria-current="step"]');
    await expect.poll(() => now.innerText()).toContain('Tap a table');

    const cable = page.getByRole('switch', { name: 'Pull the till’s cable' });
    await cable.click();
    await page.getByText('cable pulled · nothing waits').waitFor();
    await till.getByText('Offline – showing saved data').first().waitFor();
    await till.getByRole('button', { name: /^Table 3/ }).click();
    await till.getByRole('button', { name: /^Cheese Burger/ }).click();
    await till.getByRole('button', { name: 'Send to kitchen' }).click();
    await page.getByText(/cable pulled · \d changes? waits?/).waitFor();
    await expect.poll(() => now.innerText()).toContain('Put the cable back');
    expect(await restaurant.orderOnTable('3')).toBeUndefined();
    expect(await kitchen.getByText('Cheese Burger').count()).toBe(0);

    await cable.click();
    await kitchen.getByText('Cheese Burger').waitFor();
    await page.getByText('Everything has gone up, once. The kitchen has it.').waitFor();
    expect((await restaurant.orders()).filter((order) => order['tableId'] === '3')).toHaveLength(1);
    await page.context().close();
  });

  it('leaves the cable where it is when the language changes', async () => {
    const { page, till } = await stage();
    await page.getByRole('switch', { name: 'Pull the till’s cable' }).click();
    await till.getByText('Offline – showing saved data').first().waitFor();
    await page.getByRole('combobox', { name: 'Language' }).selectOption('fa');
    await page.frameLocator('iframe').first().locator('.o-banner-offline').waitFor();
    expect(await page.locator('html').getAttribute('dir')).toBe('rtl');
    await page.context().close();
  });

  it('has a second terminal that orders while it is on, and stops', async () => {
    const before = (await restaurant.orders()).length;
    const { page } = await stage();
    await eventually(() => restaurant.orders(), (orders) => orders.length > before, 'an order of the second terminal');
    await page.getByText(/\d orders? taken/).waitFor();
    const terminal = page.getByRole('switch', { name: 'A second terminal takes orders' });
    await terminal.click();
    expect(await terminal.isChecked()).toBe(false);
    const orders = await restaurant.orders();
    expect(orders.some((order) => order['createdBy'] === 'sam')).toBe(true);
    await page.context().close();
  });
});
