// The page comes up from its service worker when the server is gone, and background sync wakes an open tab.
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { execute, openDevice, settled, statusOf, tea, useWorld } from './world.js';

const world = useWorld();

/** A page under its service worker's control, with no device in it yet. */
async function shellPage(): Promise<Page> {
  const page = await world.browser.page(world.origin.url);
  expect(await page.evaluate(() => window.outpost.registerShell({ script: '/sw.js' }))).toBe(true);
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    while (navigator.serviceWorker.controller === null) await new Promise((done) => setTimeout(done, 20));
  });
  return page;
}

/** What the browser does when it thinks that the line is back. */
async function dispatchSync(page: Page, tag: string): Promise<void> {
  const session = await world.browser.context.newCDPSession(page);
  const registration = new Promise<string>((done) => {
    session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const [first] = registrations;
      if (first !== undefined) done(first.registrationId);
    });
  });
  await session.send('ServiceWorker.enable');
  await session.send('ServiceWorker.dispatchSyncEvent', { origin: world.origin.url, registrationId: await registration, tag, lastChance: false });
  await session.detach();
}

it('background sync wakes an open tab, which sends what waits', async () => {
  const page = await shellPage();
  // Left to itself it would not try again for an hour, and it never hears that the server is there.
  world.origin.setMode('down');
  const hour = 3_600_000;
  await openDevice(page, 'ann', world.server.token('ann'), { live: false, sync: { backoffMs: [hour], pullIntervalMs: hour } });
  await execute(page, 'ORDER_CREATE_V1', { id: 'woken-1', items: [tea] });
  const probes = (): number => world.origin.requests.filter((one) => one === 'GET /healthz').length;
  await expect.poll(probes, { timeout: 20_000 }).toBeGreaterThan(0);
  const before = probes();
  world.origin.intercept = (request, response) => request.url === '/healthz' && response.writeHead(503).end() !== undefined;
  world.origin.setMode('open');
  await expect.poll(probes, { timeout: 20_000 }).toBeGreaterThan(before);
  expect((await statusOf(page)).waiting).toBe(1);
  await dispatchSync(page, 'another');
  expect((await statusOf(page)).waiting).toBe(1);
  await dispatchSync(page, 'outpost:sync');
  await settled(page);
  expect((await world.server.orders()).map((order) => order['id'])).toContain('woken-1');
});

it('a tab that loses the line asks to be woken, and the browser does it', async () => {
  const page = await shellPage();
  await openDevice(page, 'bob', world.server.token('bob'));
  // The test's browser has a line all the time: it wakes the worker as soon as it is asked to.
  const woken = await page.evaluate(() => {
    const heard = new Promise((done) => navigator.serviceWorker.addEventListener('message', (event) => done(event.data)));
    dispatchEvent(new Event('offline'));
    return heard;
  });
  expect(woken).toBe('outpost:sync');
});

it('a page loads from its shell when nobody answers', async () => {
  await shellPage();
  const { url } = world.origin;
  world.origin.stop();
  const cold = await world.browser.context.newPage();
  await cold.goto(url);
  expect(await cold.title()).toBe('Outpost test page');
  expect(await cold.evaluate(async () => (await fetch('/client/outpost.wasm')).ok)).toBe(true);
});
