// A restaurant for tests: the real server with the built applications, which can be killed and started again, and
// browsers with a profile of their own for each terminal.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

const repository = resolve(__dirname, '../../..');
const program = process.env['OUTPOST_BIN'] ?? join(repository, 'build/outpost');
const apps = process.env['OUTPOST_APPS'] ?? join(repository, 'build/apps');
const executablePath = process.env['OUTPOST_CHROMIUM'] ?? '/usr/bin/chromium';
const startMs = 30_000;

const browserArguments = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

export type Json = Record<string, unknown>;
export const tablet = { width: 1180, height: 820 };
export const portrait = { width: 820, height: 1180 };
export const phone = { width: 390, height: 844 };

export class Restaurant {
  url = '';
  readonly #folder = mkdtempSync(join(tmpdir(), 'outpost-apps-'));
  #process: ChildProcess | undefined;
  #browser: Browser | undefined;
  #token: string | undefined;

  private constructor(private readonly demo: boolean) {}

  /** `demo: false`: the server hands out no tokens and has no menu. */
  static async open({ demo = true } = {}): Promise<Restaurant> {
    const restaurant = new Restaurant(demo);
    await restaurant.#serve('127.0.0.1:0');
    restaurant.#browser = await chromium.launch({ executablePath, headless: true, args: browserArguments });
    return restaurant;
  }

  async close(): Promise<void> {
    await this.#browser?.close();
    await this.killServer();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async killServer(): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (running === undefined) return;
    const gone = new Promise((done) => running.once('exit', done));
    running.kill('SIGKILL'); // works on a frozen one, too
    await gone;
  }

  /** It holds its connections and answers nothing until it is thawed. */
  freezeServer(): void {
    this.#process?.kill('SIGSTOP');
  }
  thawServer(): void {
    this.#process?.kill('SIGCONT');
  }

  /** What the manager gives a person. */
  token(user: string): string {
    const args = ['token', '--data', this.#folder, '--workspace', 'bistro', '--user', user, '--role', 'staff'];
    return execFileSync(program, args, { encoding: 'utf8' }).trim();
  }

  restartServer(): Promise<void> {
    return this.#serve(this.url.replace('http://', ''));
  }

  /** A device: its own storage. */
  async terminal(viewport = tablet): Promise<BrowserContext> {
    if (this.#browser === undefined) throw new Error('closed');
    return this.#browser.newContext({ viewport, locale: 'en-US' });
  }

  /** A page of an application, ready and in step with the server. */
  async page(context: BrowserContext, path: string): Promise<Page> {
    const page = await context.newPage();
    await page.goto(this.url + path);
    await ready(page);
    return page;
  }

  async till(user = 'mina', viewport = tablet): Promise<Page> {
    return this.page(await this.terminal(viewport), `/apps/pos?user=${user}`);
  }
  async kitchen(viewport = tablet): Promise<Page> {
    return this.page(await this.terminal(viewport), '/apps/kitchen');
  }

  // --- what the server has ---

  async get(path: string): Promise<Json> {
    return this.#ask('GET', path);
  }
  async post(path: string, body: Json = {}): Promise<Json> {
    return this.#ask('POST', path, body);
  }
  async patch(path: string, body: Json): Promise<Json> {
    return this.#ask('PATCH', path, body);
  }
  async orders(): Promise<readonly Json[]> {
    return (await this.get('/pos/orders?limit=1000'))['items'] as Json[];
  }
  async orderOnTable(tableId: string): Promise<Json | undefined> {
    return (await this.orders()).find((order) => order['tableId'] === tableId);
  }
  async tickets(): Promise<readonly Json[]> {
    return (await this.get('/kds/queue'))['tickets'] as Json[];
  }

  /** Orders in the kitchen, on tables the till does not show, in few requests. */
  async fill(count: number, stations: readonly string[] = ['grill', 'bar', 'pizza']): Promise<void> {
    const atOnce = 400;
    for (let from = 0; from < count; from += atOnce) {
      const commands = Array.from({ length: Math.min(atOnce, count - from) }, (_, i) => orderCommands(from + i, stations)).flat();
      await this.post('/sync/commands', { commands });
    }
  }

  async #ask(method: string, path: string, body?: Json): Promise<Json> {
    this.#token ??= await this.#demoToken();
    const headers = { Authorization: `Bearer ${this.#token}`, ...(body && { 'Content-Type': 'application/json' }) };
    const answer = await fetch(this.url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    const result = (await answer.json()) as Json;
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${String(result['detail'])}`);
    return result;
  }

  async #demoToken(): Promise<string> {
    const body = JSON.stringify({ workspace: 'demo', user: 'elsewhere', roles: ['staff'] });
    const answer = await fetch(`${this.url}/auth/demo-token`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
    return ((await answer.json()) as { token: string }).token;
  }

  async #serve(listen: string): Promise<void> {
    const child = spawn(program, ['serve', ...(this.demo ? ['--demo'] : []), '--data', this.#folder, '--listen', listen], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, OUTPOST_WEB_APPS: apps },
    });
    this.#process = child;
    this.url = await new Promise<string>((done, fail) => {
      const timer = setTimeout(() => fail(new Error('the server did not start')), startMs);
      createInterface({ input: child.stdout }).on('line', (line) => {
        const found = /^listening on (\S+)/.exec(line);
        if (found?.[1] === undefined) return;
        clearTimeout(timer);
        done(found[1]);
      });
      child.once('exit', () => fail(new Error('the server ended')));
    });
  }
}

function orderCommands(index: number, stations: readonly string[]): readonly Json[] {
  const id = `fill-${index}`;
  const dish = { sku: `dish-${index % 17}`, name: `Dish of the day ${index % 17}`, quantity: 1 + (index % 3), unitPrice: 900 + index };
  const items = [{ ...dish, station: stations[index % stations.length] }];
  return [
    { id, type: 'ORDER_CREATE_V1', payload: { id, tableId: `T${index}`, items } },
    { id: `${id}-send`, type: 'ORDER_SEND_TO_KITCHEN_V1', payload: { id } },
  ];
}

/** The engine is open and has the server's documents. */
export async function ready(page: Page): Promise<void> {
  await page.waitForFunction(() => (window as { outpost?: { status: { caughtUp: boolean } } }).outpost?.status.caughtUp === true);
}

/** Nothing waits on this terminal any more. */
export async function sent(page: Page): Promise<void> {
  await page.waitForFunction(() => (window as { outpost?: { status: { waiting: number; online: boolean } } }).outpost?.status.waiting === 0);
}

/** Waits until it holds, looking again and again: for what the server has. */
export async function eventually<T>(look: () => Promise<T>, holds: (seen: T) => boolean, what: string, patienceMs = 20_000): Promise<T> {
  const end = Date.now() + patienceMs;
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (Date.now() > end) throw new Error(`never: ${what}; last seen ${JSON.stringify(seen).slice(0, 400)}`);
    await new Promise((resume) => setTimeout(resume, 50));
  }
}

/** By the switch in the options, as a person would. */
export async function pullCable(page: Page, options: string, pulled: boolean): Promise<void> {
  await page.getByRole('button', { name: options, exact: true }).click();
  await page.getByRole('switch').setChecked(pulled);
  await page.getByRole('button', { name: 'Close' }).click();
  const banner = pulled ? /^Offline/ : /^(Connected|Sending|Fetching|Reconnecting)/;
  await page.locator('[role=status]').filter({ hasText: banner }).first().waitFor({ state: 'attached' });
}
