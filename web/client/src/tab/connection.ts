// The tab's end of its worker: calls with ids minted here, put together per turn of the event loop, and their answers.
import type { Query } from '../api.js';
import { errorOfEngine, OutpostError } from '../errors.js';
import type { Answer } from '../engine/operations.js';
import type { Call, FromWorker, ToWorker } from '../worker/messages.js';
import { WatchedQuery } from './live_query.js';

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

export type Heard = Exclude<FromWorker, { kind: 'answers' } | { kind: 'query' } | { kind: 'probed' }>;

export class Connection {
  readonly tab = crypto.randomUUID();
  private readonly waiting = new Map<string, Waiting>();
  private readonly watches = new Map<number, WatchedQuery>();
  private readonly probes = new Map<number, (up: boolean) => void>();
  private unsent: Call[] = [];
  private lastCall = 0;
  private lastWatch = 0;
  private lastProbe = 0;
  private over: OutpostError | undefined;

  constructor(
    private readonly worker: Worker,
    private readonly heard: (message: Heard) => void,
  ) {
    worker.onmessage = (event: MessageEvent<FromWorker>) => this.handle(event.data);
    worker.onerror = (event) => this.heard({ kind: 'failed', code: 'STORE_FAILED', message: `the worker failed: ${event.message}` });
  }

  send(message: ToWorker): void {
    if (this.over === undefined) this.worker.postMessage(message);
  }

  /** An operation of the engine (wasm/operations.h). */
  call<T>(operation: { readonly do: string } & Readonly<Record<string, unknown>>, attachment?: Uint8Array): Promise<T> {
    if (this.over !== undefined) return Promise.reject(this.over);
    const id = `${this.tab}.${++this.lastCall}`;
    if (this.unsent.length === 0) queueMicrotask(() => this.flush());
    this.unsent.push({ id, text: JSON.stringify(operation), ...(attachment === undefined ? {} : { attachment }) });
    return new Promise<T>((resolve, reject) => this.waiting.set(id, { resolve, reject }));
  }

  watch(query: Query): WatchedQuery {
    const watch = ++this.lastWatch;
    const watched = new WatchedQuery(() => {
      this.watches.delete(watch);
      this.send({ kind: 'unwatch', watch });
    });
    this.watches.set(watch, watched);
    this.send({ kind: 'watch', watch, query });
    return watched;
  }

  probe(): Promise<boolean> {
    if (this.over !== undefined) return Promise.reject(this.over);
    const probe = ++this.lastProbe;
    return new Promise((resolve) => {
      this.probes.set(probe, resolve);
      this.send({ kind: 'probe', probe });
    });
  }

  /** Nothing is answered any more. */
  end(error: OutpostError): void {
    if (this.over !== undefined) return;
    this.over = error;
    for (const call of this.waiting.values()) call.reject(error);
    this.waiting.clear();
  }

  private flush(): void {
    this.send({ kind: 'calls', calls: this.unsent });
    this.unsent = [];
  }

  private handle(message: FromWorker): void {
    switch (message.kind) {
      case 'answers':
        for (const answer of message.answers) this.answered(answer.id, answer.text);
        return;
      case 'query':
        this.watches.get(message.watch)?.take(message.update);
        return;
      case 'probed':
        this.probes.get(message.probe)?.(message.up);
        this.probes.delete(message.probe);
        return;
      default:
        this.heard(message);
    }
  }

  private answered(id: string, text: string): void {
    const call = this.waiting.get(id);
    if (call === undefined) return;
    this.waiting.delete(id);
    const answer = JSON.parse(text) as Answer<never>;
    if ('error' in answer) {
      call.reject(errorOfEngine(answer.error.code, answer.error.message));
    } else {
      call.resolve(answer.ok);
    }
  }
}
