// The page's origin: the client's own files, and the server behind a line in the test's hands.
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, request as forward, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { extname, join, normalize, resolve } from 'node:path';

/** `open`; `down`: connections are reset; `portal`: somebody else answers everything with a page and 200. */
export type LineMode = 'open' | 'down' | 'portal';

const types: Record<string, string> = {
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.html': 'text/html; charset=utf-8',
  '.wasm': 'application/wasm',
};
const folders: Record<string, string> = {
  '/client/': resolve(__dirname, '../client/dist'),
  '/page/': resolve(__dirname, 'page'),
  '/modules/': resolve(__dirname, '../node_modules'),
};

export class Origin {
  mode: LineMode = 'open';
  /** Called for each request that would go to the server; true: it was answered here. */
  intercept: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
  /** After the server did it: true loses the answer. */
  loseAnswer: ((request: IncomingMessage) => boolean) | undefined;
  /** Another Authorization for a request, on its way to the server. */
  authorize: ((request: IncomingMessage) => string | undefined) | undefined;
  readonly requests: string[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;

  private constructor(private readonly upstream: () => string) {
    this.server = createServer((request, response) => this.handle(request, response));
    this.server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
  }

  static async start(upstream: () => string): Promise<Origin> {
    const origin = new Origin(upstream);
    await new Promise<void>((done) => origin.server.listen(0, '127.0.0.1', done));
    return origin;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  setMode(mode: LineMode): void {
    this.mode = mode;
    if (mode !== 'open') for (const socket of this.sockets) socket.destroy();
  }

  stop(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }

  private handle(request: IncomingMessage, response: ServerResponse): void {
    const path = new URL(request.url ?? '/', 'http://origin').pathname;
    if (this.serveFile(path, response)) return;
    this.requests.push(`${request.method ?? ''} ${path}`);
    if (this.mode === 'down') return void request.socket.destroy();
    if (this.mode === 'portal') {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Welcome to the hotel. Sign in.</body></html>');
      return;
    }
    if (this.intercept?.(request, response) === true) return;
    this.pass(request, response);
  }

  private serveFile(path: string, response: ServerResponse): boolean {
    const wanted = path === '/' ? '/page/index.html' : path === '/sw.js' ? '/page/sw.js' : path;
    const prefix = Object.keys(folders).find((one) => wanted.startsWith(one));
    if (prefix === undefined) return false;
    const folder = folders[prefix] ?? '';
    const file = normalize(join(folder, wanted.slice(prefix.length)));
    if (!file.startsWith(folder) || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return true;
    }
    response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream', 'cache-control': 'no-cache' });
    createReadStream(file).pipe(response);
    return true;
  }

  private pass(request: IncomingMessage, response: ServerResponse): void {
    const target = new URL(request.url ?? '/', this.upstream());
    const authorization = this.authorize?.(request) ?? request.headers.authorization;
    const headers = { ...request.headers, host: target.host, ...(authorization === undefined ? {} : { authorization }) };
    const passed = forward(target, { method: request.method ?? 'GET', headers }, (answer) => {
      if (this.loseAnswer?.(request) === true) {
        answer.resume();
        answer.on('end', () => request.socket.destroy());
        return;
      }
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    passed.on('error', () => request.socket.destroy());
    response.on('close', () => passed.destroy());
    request.pipe(passed);
  }
}
