// A server, an origin in front of it and a browser, for the stories of one file. Each story has a user, and so a store, of
// its own.
import type { Outpost, OutpostOptions, SyncStatus } from '@outpost/client';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { Browser } from './browser.js';
import { Origin } from './origin.js';
import { OutpostServer } from './server.js';

declare global {
  interface Window {
    readonly outpost: typeof import('@outpost/client');
    o: Outpost;
    token: string;
  }
}

export const tea = { sku: 'tea', name: 'Tea', quantity: 2, unitPrice: 250, station: 'bar' };
export const cake = { sku: 'cake', name: 'Cake', quantity: 1, unitPrice: 400, station: 'pastry' };

/** For tests that wait for a retry. */
export const quick = { backoffMs: [0, 200, 400], pullIntervalMs: 500 };

export interface World {
  server: OutpostServer;
  origin: Origin;
  browser: Browser;
  /** A page with a device of that user, open. */
  page(user: string, options?: Partial<OutpostOptions>): Promise<Page>;
}

export function useWorld(): World {
  const world = {} as World;
  const start = async (): Promise<void> => {
    world.server = await OutpostServer.start();
    world.origin = await Origin.start(() => world.server.url);
    world.browser = await Browser.start();
  };
  const stop = async (): Promise<void> => {
    await world.browser?.stop();
    world.origin?.stop();
    await world.server?.stop();
  };
  world.page = async (user, options = {}) => {
    const page = await world.browser.page(world.origin.url);
    await openDevice(page, user, world.server.token(user), options);
    return page;
  };
  beforeAll(start);
  afterEach(async ({ task }) => {
    // What a failed story left behind would fail its second try as well.
    if (task.result?.state === 'fail') {
      await stop();
      return start();
    }
    world.origin.setMode('open');
    world.origin.intercept = undefined;
    world.origin.loseAnswer = undefined;
    world.origin.authorize = undefined;
    for (const page of world.browser.context.pages().slice(1)) await page.close();
  });
  afterAll(stop);
  return world;
}

export async function openDevice(page: Page, user: string, token: string, options: Partial<OutpostOptions> = {}): Promise<void> {
  await page.evaluate(
    async ({ user, token, options }) => {
      window.token = token;
      window.o = await window.outpost.openOutpost({ workspace: 'w', user, token: () => window.token, ...options });
    },
    // As plain JSON: the options' own type is too deep for the checker.
    { user, token, options: { sync: quick, ...options } as object },
  );
}

export function statusOf(page: Page): Promise<SyncStatus> {
  return page.evaluate(() => window.o.status);
}

/** Until the status has these values. */
export async function until(page: Page, wanted: Partial<SyncStatus>, timeout = 20_000): Promise<void> {
  await page.waitForFunction(
    (wanted) => Object.entries(wanted).every(([name, value]) => window.o.status[name as keyof SyncStatus] === value),
    wanted,
    { timeout, polling: 20 },
  );
}

export function execute(page: Page, type: string, payload: object): Promise<string> {
  return page.evaluate(async ([type, payload]) => (await window.o.execute(type as string, payload as never)).id, [type, payload] as const);
}

export async function settled(page: Page): Promise<void> {
  await page.evaluate(() => window.o.settled(30_000));
}
