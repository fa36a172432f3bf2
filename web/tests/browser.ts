// Chromium and pages with a device in them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type CDPSession, type Page } from 'playwright-core';

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const executablePath = process.env['OUTPOST_CHROMIUM'] ?? '/usr/bin/chromium';

/** A browser with a profile of its own: closing and opening it keeps what is on its disk. */
export class Browser {
  readonly profile = mkdtempSync(join(tmpdir(), 'outpost-profile-'));
  context!: BrowserContext;
  pid = 0;

  static async start(): Promise<Browser> {
    const browser = new Browser();
    await browser.open();
    return browser;
  }

  async open(): Promise<void> {
    this.context = await chromium.launchPersistentContext(this.profile, { executablePath, headless: true, args });
    const { processInfo } = await (await this.session()).send('SystemInfo.getProcessInfo');
    this.pid = processInfo.find((one) => one.type === 'browser')?.id ?? 0;
  }

  /** Of the browser itself, not of a page. */
  session(): Promise<CDPSession> {
    const browser = this.context.browser();
    if (browser === null) throw new Error('no browser behind the profile');
    return browser.newBrowserCDPSession();
  }

  async close(): Promise<void> {
    await this.context.close();
  }

  async stop(): Promise<void> {
    await this.close().catch(() => undefined);
    rmSync(this.profile, { recursive: true, force: true });
  }

  async page(url: string): Promise<Page> {
    const page = await this.context.newPage();
    await page.goto(url);
    await page.waitForFunction('window.ready === true');
    return page;
  }
}
