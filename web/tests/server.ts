// A real `outpost serve` on a directory of its own, which can be killed and started again on the same port.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const program = process.env['OUTPOST_BIN'] ?? resolve(__dirname, '../../build/outpost');
const startMs = 20_000;
const secret = 'a secret of the tests, 32 bytes or more';
const env = { ...process.env, OUTPOST_JWT_SECRET: secret };

export class OutpostServer {
  readonly folder = mkdtempSync(join(tmpdir(), 'outpost-web-'));
  private process: ChildProcess | undefined;
  url = '';

  static async start(): Promise<OutpostServer> {
    const server = new OutpostServer();
    await server.run('127.0.0.1:0');
    return server;
  }

  token(user = 'ann', options: readonly string[] = []): string {
    const wanted = ['token', '--data', this.folder, '--workspace', 'w', '--user', user, ...options];
    return execFileSync(program, wanted, { encoding: 'utf8', env }).trim();
  }

  /** Whose hour struck long ago. */
  expiredToken(user: string): string {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: user, ws: 'w', roles: ['staff'], exp: 1_700_000_000 })}`;
    return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
  }

  async kill(): Promise<void> {
    const running = this.process;
    this.process = undefined;
    if (running === undefined) return;
    const gone = new Promise((done) => running.once('exit', done));
    running.kill('SIGKILL');
    await gone;
  }

  restart(): Promise<void> {
    return this.run(this.url.replace('http://', ''));
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async get(path: string, token = this.token()): Promise<unknown> {
    const response = await fetch(this.url + path, { headers: { Authorization: `Bearer ${token}` } });
    return response.json();
  }

  async orders(): Promise<Record<string, unknown>[]> {
    return ((await this.get('/pos/orders?limit=1000')) as { items: Record<string, unknown>[] }).items;
  }

  async post(path: string, body: object, headers: Record<string, string> = {}): Promise<Record<string, unknown>> {
    const answer = await fetch(this.url + path, {
      method: 'POST',
      headers: { Authorization: `Bearer ${this.token()}`, 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return (await answer.json()) as Record<string, unknown>;
  }

  private async run(listen: string): Promise<void> {
    const child = spawn(program, ['serve', '--data', this.folder, '--listen', listen], { stdio: ['ignore', 'pipe', 'ignore'], env });
    this.process = child;
    const lines = createInterface({ input: child.stdout });
    this.url = await new Promise<string>((done, fail) => {
      const timer = setTimeout(() => fail(new Error('the server did not start')), startMs);
      lines.on('line', (line) => {
        const found = /^listening on (\S+)/.exec(line);
        if (found?.[1] === undefined) return;
        clearTimeout(timer);
        done(found[1]);
      });
      child.once('exit', () => fail(new Error('the server ended')));
    });
  }
}
