// How long things take in a real browser: first paint with the server gone, a tap to its effect with 5,000 orders on the
// device, a kitchen screen of 200 tickets. Times depend on the machine and its load: `npm run timing`, quiet.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Restaurant } from './restaurant.js';

const ordersOnDevice = 5_000;
const ticketsOnScreen = 200;
const taps = 60;

let restaurant: Restaurant;
beforeAll(async () => {
  restaurant = await Restaurant.open();
});
afterAll(() => restaurant.close());

const quantile = (values: readonly number[], q: number): number => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? NaN;

function report(what: string, values: readonly number[]): void {
  console.log(`${what}: p50 ${quantile(values, 0.5).toFixed(1)} ms, p95 ${quantile(values, 0.95).toFixed(1)} ms, most ${Math.max(...values).toFixed(1)} ms (${values.length})`);
}

/** From the click to the frame in which `effect` matches another number of elements, or another text. */
async function tapTimes(page: Page, button: string, effect: string, count: number): Promise<readonly number[]> {
  return page.evaluate(
    async ([button, effect, count]) => {
      const seen = (): string => [...document.querySelectorAll(effect as string)].map((one) => one.textContent).join('|');
      const painted = (): Promise<void> => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      const times: number[] = [];
      for (let i = 0; i < (count as number); i += 1) {
        const before = seen();
        const all = document.querySelectorAll<HTMLElement>(button as string);
        const target = all[i % all.length];
        if (target === undefined) break;
        const start = performance.now();
        target.click();
        do await painted();
        while (seen() === before && performance.now() - start < 5_000);
        times.push(performance.now() - start);
      }
      return times;
    },
    [button, effect, count] as const,
  );
}

it('first paint with the server gone', async () => {
  const context = await restaurant.terminal();
  const first = await restaurant.page(context, '/apps/pos');
  await first.evaluate(() => navigator.serviceWorker.ready);
  await first.close();
  await restaurant.killServer();
  const times: number[] = [];
  const usable: number[] = [];
  for (let i = 0; i < 7; i += 1) {
    const page = await context.newPage();
    await page.goto(`${restaurant.url}/apps/pos`);
    await page.locator('.p-tile').first().waitFor();
    usable.push(await page.evaluate(() => performance.now()));
    times.push(await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN));
    await page.close();
  }
  await restaurant.restartServer();
  await context.close();
  report('first paint of the till, server gone', times);
  report('tables on the screen, server gone', usable);
  expect(quantile(times, 0.5)).toBeLessThan(1_000);
});

/** Frames while the page scrolls from end to end for some seconds, ages ticking, and tasks that hold the page up. */
async function scrolling(page: Page, seconds: number): Promise<{ readonly frames: readonly number[]; readonly longTasks: number }> {
  return page.evaluate(async (length) => {
    let longTasks = 0;
    const observer = new PerformanceObserver((list) => (longTasks += list.getEntries().length));
    observer.observe({ type: 'longtask' });
    const frames: number[] = [];
    const start = performance.now();
    let last = start;
    const bottom = document.documentElement.scrollHeight - innerHeight;
    while (last - start < length * 1000) {
      const now = await new Promise<number>(requestAnimationFrame);
      frames.push(now - last);
      last = now;
      scrollTo(0, bottom * Math.abs(Math.sin((now - start) / 1000)));
    }
    observer.disconnect();
    return { frames: frames.slice(1), longTasks };
  }, seconds);
}

it('a full kitchen screen scrolls', async () => {
  const scrolledSeconds = 5;
  await restaurant.fill(ticketsOnScreen, ['grill']);
  const kitchen = await restaurant.page(await restaurant.terminal(), '/apps/kitchen?station=grill');
  await kitchen.locator('.k-step').nth(ticketsOnScreen - 1).waitFor({ state: 'attached' });
  const { frames, longTasks } = await scrolling(kitchen, scrolledSeconds);
  report(`a frame while ${ticketsOnScreen} tickets scroll and tick, ${longTasks} long tasks`, frames);
  await kitchen.context().close();
});

it('a tap to its effect', async () => {
  await restaurant.fill(ticketsOnScreen, ['grill']);
  const kitchen = await restaurant.page(await restaurant.terminal(), '/apps/kitchen?station=grill');
  await kitchen.locator('.k-step').nth(ticketsOnScreen - 1).waitFor({ state: 'attached' });
  report(`a ticket started (durable command), ${ticketsOnScreen} on the screen`, await tapTimes(kitchen, '.k-step-start', '.k-ticket-foot p', taps));
  await kitchen.context().close();
  await restaurant.fill(ordersOnDevice, ['grill']);
  const page = await restaurant.till();
  await page.locator('.p-section-head .o-button-main').click();
  await page.locator('.p-dish').first().waitFor();
  report(`a dish tapped, ${ordersOnDevice} orders on the device`, await tapTimes(page, '.p-dish', '.p-total', taps));
  await page.context().close();
});
