// The till's stories, in a real browser against the real server.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, pullCable, ready, Restaurant, sent, type Json } from './restaurant.js';

let restaurant: Restaurant;
beforeAll(async () => {
  restaurant = await Restaurant.open();
});
afterAll(() => restaurant.close());

const table = (page: Page, name: string) => page.getByRole('button', { name: new RegExp(`^Table ${name}\\b`) });

/** Taps dishes on a table's order. */
async function take(page: Page, tableName: string, ...dishes: readonly string[]): Promise<void> {
  await table(page, tableName).click();
  for (const dish of dishes) await page.getByRole('button', { name: new RegExp(`^${dish}`) }).first().click();
}

const sendToKitchen = (page: Page) => page.getByRole('button', { name: 'Send to kitchen' }).click();
const linesOf = (order: Json | undefined): readonly string[] => ((order?.['items'] ?? []) as Json[]).map((line) => String(line['name'])).sort();

describe('a till', () => {
  it('opens with the server gone, takes an order, and the kitchen has it when the line is back', async () => {
    const context = await restaurant.terminal();
    const first = await restaurant.page(context, '/apps/pos');
    await first.evaluate(() => navigator.serviceWorker.ready);
    const kitchen = await restaurant.kitchen();
    await first.close();
    await restaurant.killServer();

    const till = await context.newPage();
    await till.goto(`${restaurant.url}/apps/pos`);
    await take(till, '1', 'Classic Burger', 'Espresso', 'Espresso');
    await sendToKitchen(till);
    await till.getByText('Saved. It goes to the kitchen once the connection is back.').waitFor();
    await till.getByText('Not synced').waitFor();
    await till.reload();
    await till.getByText('Not synced').waitFor();

    await restaurant.restartServer();
    await sent(till);
    const order = await eventually(() => restaurant.orderOnTable('1'), (found) => found?.['status'] === 'SENT', 'the order is on the server');
    expect(linesOf(order)).toEqual(['Classic Burger', 'Espresso']);
    expect(order?.['total']).toBe(1250 + 2 * 250);
    await kitchen.getByText('Classic Burger').waitFor();
    await context.close();
    await kitchen.context().close();
  });

  it('two waiters add to one order, one of them without a line: both land', async () => {
    const order = await restaurant.post('/pos/orders', { tableId: '2', items: [{ sku: 'x', name: 'Bread', quantity: 1, unitPrice: 300 }] });
    const [mina, leo] = [await restaurant.till('mina'), await restaurant.till('leo')];
    await pullCable(mina, 'mina', true);
    for (const [page, dish] of [[mina, 'Tiramisu'], [leo, 'Cappuccino']] as const) {
      await take(page, '2');
      await page.getByRole('button', { name: new RegExp(`^${dish}`) }).click();
      await sendToKitchen(page);
    }
    await sent(leo);
    await pullCable(mina, 'mina', false);
    await sent(mina);
    const both = await eventually(() => restaurant.get(`/pos/orders/${String(order['id'])}`), (found) => linesOf(found).length === 3, 'three lines');
    expect(linesOf(both)).toEqual(['Bread', 'Cappuccino', 'Tiramisu']);
    await mina.context().close();
    await leo.context().close();
  });

  it('takes cash without a line, offers it in place of a card, and shows what is missing and what goes back', async () => {
    const till = await restaurant.till();
    await pullCable(till, 'mina', true);
    await take(till, '3', 'Pizza Margherita');
    await till.getByRole('button', { name: /^Pay/ }).click();
    expect(await till.getByRole('radio', { name: 'Card' }).isDisabled()).toBe(true);
    await till.getByText('No connection: card and mobile money do not work now. Take cash.').waitFor();
    for (const digit of ['5', '0', '0']) await till.getByRole('button', { name: digit, exact: true }).click();
    expect(await till.getByText('Still to pay').locator('..').textContent()).toContain('4.90');
    await till.getByRole('button', { name: /rest stays open/ }).click();
    await till.getByRole('button', { name: 'Done' }).click();
    await till.getByRole('button', { name: '€5.00', exact: true }).click();
    expect(await till.getByText('Change due').locator('..').textContent()).toContain('0.10');
    await till.getByRole('button', { name: 'Take €5.00' }).click();
    const receipt = await till.getByRole('heading', { name: /^Receipt/ }).textContent();
    expect(receipt).toMatch(/^Receipt [0-9A-Z]{5}-000002$/);
    await till.getByRole('button', { name: 'Done' }).click();
    await pullCable(till, 'mina', false);
    await sent(till);
    const order = await eventually(() => restaurant.orderOnTable('3'), (found) => found?.['status'] === 'CLOSED', 'the order is closed');
    expect((order?.['payments'] as Json[]).map((payment) => [payment['amount'], payment['receipt']])).toEqual([
      [500, receipt?.replace('Receipt ', '').replace('000002', '000001')],
      [500, receipt?.replace('Receipt ', '')],
    ]);
    await till.context().close();
  });

  it('numbers receipts without a repetition over reloads and two tabs', async () => {
    const context = await restaurant.terminal();
    const tabs = [await restaurant.page(context, '/apps/pos?user=ida'), await restaurant.page(context, '/apps/pos?user=ida')];
    for (const [i, page] of [...tabs, ...tabs].entries()) {
      const id = await page.evaluate(() => (window as unknown as { outpost: { newId(): string } }).outpost.newId());
      await restaurant.post('/pos/orders', { id, tableId: `r${i}`, items: [{ sku: 'x', name: 'Tea', quantity: 1, unitPrice: 100 }] });
      if (i === 2) await page.reload().then(() => ready(page));
      await page.getByRole('button', { name: 'Orders', exact: true }).click();
      await page.getByRole('button', { name: new RegExp(`Table r${i}`) }).click();
      await page.getByRole('button', { name: /^Pay/ }).click();
      await page.getByRole('button', { name: /^Take/ }).click();
      await page.getByRole('button', { name: 'Done' }).click();
      await sent(page);
    }
    const closed = (await restaurant.orders()).filter((order) => /^r\d$/.test(String(order['tableId'])));
    const receipts = closed.map((order) => String(((order['payments'] ?? []) as Json[])[0]?.['receipt'])).sort();
    expect(receipts.map((receipt) => receipt.slice(-6))).toEqual(['000001', '000002', '000003', '000004']);
    await context.close();
  });

  it('says that card payments are out of order, and goes on with cash', async () => {
    const till = await restaurant.till();
    await take(till, '6', 'Espresso');
    await till.getByRole('button', { name: /^Pay/ }).click();
    await sent(till);
    await till.getByRole('radio', { name: 'Card' }).check();
    await till.getByRole('button', { name: /^Charge/ }).click();
    await till.getByRole('alert').waitFor();
    await till.getByRole('button', { name: 'Take cash instead' }).click();
    await till.getByRole('button', { name: 'Take €2.50' }).click();
    await till.getByRole('heading', { name: /^Receipt/ }).waitFor();
    await till.context().close();
  });
});

const focusedName = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const { activeElement: at } = document;
    return at?.getAttribute('aria-label') ?? (at instanceof HTMLInputElement ? at.labels?.[0]?.textContent : at?.textContent) ?? '';
  });

/** As a person without a mouse: Tab until it is there, then Enter. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  const stopsMax = 80;
  for (let stop = 0; stop < stopsMax; stop += 1) {
    await page.keyboard.press('Tab');
    if (name.test(await focusedName(page))) return page.keyboard.press('Enter');
  }
  throw new Error(`Tab never comes to ${String(name)}`);
}

describe('a till without a mouse', () => {
  it('goes from a free table to a paid order by keyboard alone', async () => {
    const till = await restaurant.till();
    await tabTo(till, /^Table 9/);
    await till.locator('.p-dish').first().waitFor();
    await tabTo(till, /^Calzone/);
    await tabTo(till, /^Send to kitchen/);
    await till.getByText('Sent to the kitchen').waitFor();
    await tabTo(till, /^Pay/);
    await till.getByRole('dialog').waitFor();
    await tabTo(till, /^5$/);
    await tabTo(till, /^0$/);
    for (const _ of [1, 2]) await till.keyboard.press('Enter');
    await tabTo(till, /^Take €50/);
    await till.getByRole('heading', { name: /^Receipt/ }).waitFor();
    await tabTo(till, /^Done/);
    await table(till, '9').waitFor();
    await eventually(() => restaurant.orderOnTable('9'), (found) => found?.['status'] === 'CLOSED', 'the order is closed');
    await till.context().close();
  });
});

describe('a receipt', () => {
  it('is printed alone, on one page', async () => {
    const till = await restaurant.till();
    await take(till, '10', 'Espresso');
    await till.getByRole('button', { name: /^Pay/ }).click();
    await till.getByRole('button', { name: 'Take €2.50' }).click();
    await till.getByRole('heading', { name: /^Receipt/ }).waitFor();
    await till.evaluate(() => Object.assign(window, { printed: 0, print: () => (window as unknown as { printed: number }).printed++ }));
    await till.getByRole('button', { name: 'Print' }).click();
    expect(await till.evaluate(() => (window as unknown as { printed: number }).printed)).toBe(1);
    await till.emulateMedia({ media: 'print' });
    const words = await till.locator('body').innerText();
    expect(words).toMatch(/Receipt [0-9A-Z]{5}-\d{6}[^]*1 × Espresso[^]*€2.50/);
    expect(words).not.toMatch(/Tables|Orders|Calzone|Print|Done/);
    const pages = (await till.pdf()).toString('latin1').match(/\/Type\s*\/Page\b(?!s)/g);
    expect(pages).toHaveLength(1);
    await till.context().close();
  });
});

describe('an order moved here without a line, and elsewhere', () => {
  let next = 20;

  async function inConflict(): Promise<{ readonly till: Page; readonly id: string }> {
    next += 1;
    const order = await restaurant.post('/pos/orders', { tableId: '4', items: [{ sku: 'x', name: `Dish ${next}`, quantity: 1, unitPrice: 300 }] });
    const id = String(order['id']);
    const till = await restaurant.till();
    await pullCable(till, 'mina', true);
    await table(till, '4').click();
    await till.getByRole('button', { name: 'More' }).click();
    await till.getByRole('button', { name: 'Move to another table' }).click();
    await till.getByRole('button', { name: 'Table 5' }).click();
    await restaurant.patch(`/pos/orders/${id}`, { tableId: '7' });
    await pullCable(till, 'mina', false);
    await till.getByRole('button', { name: 'Conflict: choose' }).click();
    return { till, id };
  }

  async function settle(till: Page, id: string, tableId: string): Promise<void> {
    await eventually(() => restaurant.get(`/pos/orders/${id}`), (found) => found['tableId'] === tableId, `the order is on table ${tableId}`);
    await till.waitForFunction(() => (window as unknown as { outpost: { status: { quarantined: number } } }).outpost.status.quarantined === 0);
    await restaurant.post(`/pos/orders/${id}/cancel`);
    await till.context().close();
  }

  it('shows both sides; keeping mine on the latest works', async () => {
    const { till, id } = await inConflict();
    const row = till.getByRole('row', { name: /Table/ });
    await row.waitFor();
    expect(await row.getByRole('cell').allTextContents()).toEqual(['5', '7']);
    await till.getByRole('button', { name: 'Keep mine on the latest' }).click();
    await settle(till, id, '5');
  });

  it('overriding works', async () => {
    const { till, id } = await inConflict();
    await till.getByRole('button', { name: 'Override' }).click();
    await settle(till, id, '5');
  });

  it('discarding works', async () => {
    const { till, id } = await inConflict();
    await till.getByRole('button', { name: 'Discard' }).click();
    await till.getByRole('button', { name: 'Discard it' }).click();
    await settle(till, id, '7');
  });
});
