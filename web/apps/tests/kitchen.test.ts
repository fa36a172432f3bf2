// The kitchen's stories, in a real browser against the real server.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, pullCable, ready, Restaurant, sent } from './restaurant.js';

let restaurant: Restaurant;
beforeAll(async () => {
  restaurant = await Restaurant.open();
});
afterAll(() => restaurant.close());

async function orderFor(tableId: string): Promise<void> {
  const order = await restaurant.post('/pos/orders', { tableId, items: [{ sku: 'x', name: `Soup ${tableId}`, quantity: 1, unitPrice: 300, station: 'grill' }] });
  await restaurant.post(`/pos/orders/${String(order['id'])}/send-to-kitchen`);
}

describe('a kitchen screen', () => {
  it('bumps three of ten cached tickets without a line; the server and a second station agree when it is back', async () => {
    for (let i = 1; i <= 10; i += 1) await orderFor(String(i));
    const context = await restaurant.terminal();
    const page = await context.newPage();
    await page.clock.install();
    await page.goto(`${restaurant.url}/apps/kitchen`);
    await ready(page);
    const tickets = page.locator('.k-ticket');
    await eventually(() => tickets.count(), (count) => count === 10, 'ten tickets');
    await pullCable(page, 'Settings', true);
    await page.getByText('Offline – showing cached tickets').first().waitFor({ state: 'attached' });

    for (const name of ['Soup 1', 'Soup 2', 'Soup 3']) {
      const ticket = tickets.filter({ has: page.getByText(name, { exact: true }) });
      for (const step of ['Start', 'Ready', 'Served']) await ticket.getByRole('button', { name: step, exact: true }).click();
      await ticket.waitFor({ state: 'detached' });
    }
    await page.clock.fastForward('02:00');
    await page.getByText('2 min').first().waitFor();
    expect(await tickets.count()).toBe(7);
    expect((await restaurant.tickets()).length).toBe(10);

    await pullCable(page, 'Settings', false);
    await eventually(() => restaurant.tickets(), (open) => open.length === 7, 'the server has seven open tickets');
    const second = await restaurant.kitchen();
    await eventually(() => second.locator('.k-ticket').count(), (count) => count === 7, 'the second station shows seven');
    await context.close();
    await second.context().close();
  });

  it('turns orange, then red, by its own clock and thresholds', async () => {
    const context = await restaurant.terminal();
    const page = await context.newPage();
    await page.clock.install();
    await page.goto(`${restaurant.url}/apps/kitchen`);
    await ready(page);
    await orderFor('77');
    const ticket = page.locator('.k-ticket').filter({ hasText: 'Soup 77' });
    await ticket.waitFor();
    expect(await ticket.getAttribute('class')).toContain('k-calm');
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByLabel('Orange after (minutes)').fill('2');
    await page.getByLabel('Red after (minutes)').fill('4');
    await page.getByRole('button', { name: 'Close' }).click();
    await page.clock.fastForward('02:10');
    await ticket.getByText('hurry').waitFor();
    await page.clock.fastForward('02:00');
    await ticket.getByText('late').waitFor();
    expect(await ticket.getAttribute('class')).toContain('k-late');
    await context.close();
  });

  it('works by keyboard alone, announces new tickets, and can be muted', async () => {
    const page = await restaurant.kitchen();
    await orderFor('88');
    await page.getByRole('status').filter({ hasText: 'New ticket' }).waitFor({ state: 'attached' });
    await page.keyboard.press('m');
    await page.getByRole('button', { name: 'Sound off' }).waitFor();
    await page.getByRole('radio', { name: 'All stations' }).blur();
    await page.keyboard.press('ArrowRight');
    const number = await page.evaluate(() => document.activeElement?.closest('.k-ticket')?.getAttribute('data-ticket'));
    await page.keyboard.press('Enter');
    await sent(page);
    await eventually(() => restaurant.tickets(), (open) => open.some((ticket) => ticket['id'] === number && ticket['status'] === 'IN_PROGRESS'), 'started');
    await page.context().close();
  });
});

describe('a kitchen screen full of tickets', () => {
  it('touches one ticket for one tap, keeps it in its place and focused, and nothing for a second that passes', async () => {
    const tickets = 200;
    await restaurant.fill(tickets, ['wok']);
    const page = await restaurant.page(await restaurant.terminal(), '/apps/kitchen?station=wok');
    await page.locator('.k-ticket').nth(tickets - 1).waitFor({ state: 'attached' });
    await sent(page);
    const touched = await page.evaluate(async () => {
      const cards = new Set<string>();
      let moved = 0;
      const observer = new MutationObserver((records) => {
        for (const { target, addedNodes, removedNodes } of records) {
          const element = target instanceof Element ? target : target.parentElement;
          const card = element?.closest('.k-ticket')?.getAttribute('data-ticket');
          if (typeof card === 'string') cards.add(card);
          else moved += addedNodes.length + removedNodes.length;
        }
      });
      const button = [...document.querySelectorAll<HTMLElement>('.k-step-start')][120];
      const ticket = button?.closest('.k-ticket') as HTMLElement;
      observer.observe(document.querySelector('.k-tickets') as Element, { subtree: true, childList: true, characterData: true, attributes: true });
      await new Promise((done) => setTimeout(done, 2_100));
      const idle = cards.size;
      button?.focus();
      button?.click();
      while (ticket.querySelector('.k-step-ready') === null) await new Promise(requestAnimationFrame);
      await new Promise((done) => setTimeout(done, 1_100));
      observer.disconnect();
      return { idle, cards: cards.size, moved, focused: ticket.contains(document.activeElement) };
    });
    expect(touched).toEqual({ idle: 0, cards: 1, moved: 0, focused: true });
    await page.context().close();
  });
});
