// Every page and state, in three languages, on a tablet and a phone: looked at by axe, and kept as pictures in
// build/screens for people.
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, phone, portrait, Restaurant, sent, tablet } from './restaurant.js';

const axeSource = readFileSync(createRequire(__filename).resolve('axe-core/axe.min.js'), 'utf8');
const folder = resolve(__dirname, '../../../build/screens');
const manyOrders = 200;

interface Finding {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}

let restaurant: Restaurant;
beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  restaurant = await Restaurant.open();
  await restaurant.fill(manyOrders);
});
afterAll(() => restaurant.close());

async function findings(page: Page): Promise<readonly string[]> {
  await page.evaluate(axeSource);
  const found = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(): Promise<{ violations: Finding[] }> } };
    return (await axe.run()).violations;
  });
  return found.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).slice(0, 3).join(' ')}`);
}

type Outpost = {
  readonly status: { readonly quarantined: number; readonly waiting: number };
  setLine(line: 'open' | 'cut'): Promise<void>;
  execute(type: string, payload: object, options?: object): Promise<{ resource: { id: string } }>;
  get(key: object): Promise<{ version: number } | undefined>;
};
interface Opened {
  readonly outpost: Outpost;
}

const sizes = [['tablet', tablet], ['portrait', portrait], ['phone', phone]] as const;

describe.each(['en', 'fa', 'ar'])('in %s', (lang) => {
  describe.each(sizes)('on a %s', (size, viewport) => {
    async function look(page: Page, name: string): Promise<void> {
      await page.evaluate(() => document.fonts.ready);
      await page.screenshot({ path: join(folder, `${name}-${lang}-${size}.png`) });
      expect(await findings(page), name).toEqual([]);
    }

    it('the till', async () => {
      const context = await restaurant.terminal(viewport);
      const page = await restaurant.page(context, `/apps/pos?lang=${lang}&user=looker`);
      const tab = (index: number) => page.locator('.p-tabs .p-tab').nth(index);
      await look(page, 'till-tables');
      await tab(1).click();
      await page.locator('.p-order').first().waitFor();
      await look(page, 'till-orders');
      await page.locator('.p-search').fill('zzz');
      await look(page, 'till-orders-none');

      await tab(0).click();
      await page.locator('.p-section-head .o-button-main').click();
      await page.locator('.p-dish').first().waitFor();
      for (const index of [0, 1, 1]) await page.locator('.p-dish').nth(index).click();
      await look(page, 'till-menu');
      if (size === 'phone') {
        await page.locator('.p-sides .p-tab').nth(1).click();
        await look(page, 'till-order');
      }
      await page.evaluate(() => (window as unknown as Opened).outpost.setLine('cut'));
      await page.locator('.o-banner-offline').waitFor();
      await page.locator('.p-pane-actions .p-big').first().click();
      await page.locator('.o-badge-pending').first().waitFor();
      await look(page, 'till-offline');
      await page.locator('.p-pane-actions .p-big').nth(1).click();
      await page.locator('.p-methods').waitFor();
      await look(page, 'till-pay-offline');
      await page.locator('.o-dialog .p-big').click();
      await page.locator('.p-receipt').waitFor();
      await look(page, 'till-receipt');
      await page.emulateMedia({ media: 'print' });
      await look(page, 'till-receipt-paper');
      await page.emulateMedia({ media: null });
      await page.locator('.p-receipt .o-button-main').click();
      await page.locator('.o-banner').first().click();
      await page.locator('.o-item').first().waitFor();
      await look(page, 'till-panel');
      await page.keyboard.press('Escape');

      await page.evaluate(() => (window as unknown as Opened).outpost.setLine('open'));
      await sent(page);
      restaurant.freezeServer();
      try {
        await page.evaluate(() => (window as unknown as Opened).outpost.execute('ORDER_CREATE_V1', { items: [{ sku: 'x', name: 'Bread', quantity: 1, unitPrice: 300 }] }));
        await page.locator('.o-banner-syncing').waitFor();
        await look(page, 'till-syncing');
      } finally {
        restaurant.thawServer();
      }
      await sent(page);
      await bringTrouble(page);
      await tab(0).click();
      await look(page, 'till-attention');
      await page.locator('.o-notice .o-button').click();
      await page.locator('.o-item').nth(1).waitFor();
      await look(page, 'till-failed');
      await page.locator('.o-item-conflict .o-button-main').click();
      await page.locator('.o-diff').waitFor();
      await look(page, 'till-conflict');
      await context.close();
    });

    it('the kitchen screen', async () => {
      const context = await restaurant.terminal(viewport);
      const page = await restaurant.page(context, `/apps/kitchen?lang=${lang}`);
      await page.locator('.k-ticket').first().waitFor();
      await look(page, 'kitchen-many');
      await restaurant.killServer();
      await page.locator('.o-banner-reconnecting').waitFor();
      await page.locator('.k-step').first().click();
      await look(page, 'kitchen-reconnecting');
      await restaurant.restartServer();
      await page.evaluate(() => (window as unknown as Opened).outpost.setLine('cut'));
      await page.locator('.o-banner-offline').waitFor();
      await look(page, 'kitchen-offline');
      await page.locator('.k-head > .o-button').nth(1).click();
      await look(page, 'kitchen-settings');
      await context.close();
    });

    it('the kitchen screen with nothing to do, and the start page', async () => {
      const context = await restaurant.terminal(viewport);
      const empty = await restaurant.page(context, `/apps/kitchen?lang=${lang}&station=nobody`);
      await empty.locator('.k-empty').waitFor();
      await look(empty, 'kitchen-empty');
      const start = await context.newPage();
      await start.goto(`${restaurant.url}/?lang=${lang}`);
      await start.locator('.t-app header p').nth(1).waitFor();
      await look(start, 'start');
      await start.locator('.s-cable input').click();
      await start.locator('.t-line-cut').waitFor();
      const till = start.frameLocator('iframe').first();
      await till.locator('.p-section-head .o-button-main').click();
      await till.locator('.p-dish').first().click();
      await till.locator('.p-pane-actions .p-big').first().click();
      await start.locator('.t-step-done').nth(1).waitFor();
      await start.locator('header h1').scrollIntoViewIfNeeded();
      await look(start, 'start-pulled');
      await start.locator('.s-cable input').click();
      await start.locator('.t-step-done').nth(2).waitFor();
      await look(start, 'start-done');
      await context.close();
    });

    /** One command in conflict, one refused for good. */
    async function bringTrouble(page: Page): Promise<void> {
      const order = await restaurant.post('/pos/orders', { tableId: '4', items: [{ sku: 'x', name: 'Bread', quantity: 1, unitPrice: 300 }] });
      const id = String(order['id']);
      await eventually(() => page.evaluate((key) => (window as unknown as Opened).outpost.get({ collection: 'orders', id: key }), id), (seen) => seen !== undefined, 'the order arrives');
      await page.evaluate(async (key) => {
        const { outpost } = window as unknown as Opened;
        await outpost.setLine('cut');
        await outpost.execute('ORDER_MODIFY_V1', { id: key, tableId: '5' }, { expectedVersion: 1 });
        await outpost.execute('ORDER_CREATE_V1', { items: [] }, { localRefusal: 'queueAnyway' });
      }, id);
      await restaurant.patch(`/pos/orders/${id}`, { tableId: '7' });
      await page.evaluate(() => (window as unknown as Opened).outpost.setLine('open'));
      await page.waitForFunction(() => (window as unknown as Opened).outpost.status.quarantined >= 2);
    }
  });
});
