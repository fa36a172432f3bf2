// The page comes up from its service worker when the server is gone, and background sync wakes an open tab.
import { expect, it } from 'vitest';
import { useWorld } from './world.js';

const world = useWorld();

it('a page loads from its shell when nobody answers', async () => {
  const page = await world.browser.page(world.origin.url);
  expect(await page.evaluate(() => window.outpost.registerShell({ script: '/sw.js' }))).toBe(true);
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    while (navigator.serviceWorker.controller === null) await new Promise((done) => setTimeout(done, 20));
  });
  const { url } = world.origin;
  world.origin.stop();
  const cold = await world.browser.context.newPage();
  await cold.goto(url);
  expect(await cold.title()).toBe('Outpost test page');
  expect(await cold.evaluate(async () => (await fetch('/client/outpost.wasm')).ok)).toBe(true);
});
