// The one worker that has the store open: performs everybody's calls on the engine, in groups, and what the engine wants
// done. Calls that came while a group was being made durable form the next one: nobody waits for a timer.
//
// A call is performed once per reign: it carries the id its tab gave it, and a repeated one gets the first answer.
import type { Notice, StoreLost } from '../api.js';
import { EngineModule } from '../engine/module.js';
import type { Answer, Conclusion, EngineStatus, QueryChangedEffect, SendEffect } from '../engine/operations.js';
import type { StoreFiles } from '../engine/store_files.js';
import { AnswerMemory } from './answer_memory.js';
import { Exchanges, type Outcome } from './exchanges.js';
import { Line } from './line.js';
import { LiveStream } from './live_stream.js';
import type { Call, CallAnswer, OpenMessage, QueryUpdate, WorkerStatus } from './messages.js';
import { Poller } from './poller.js';

const groupCallsMax = 256;
const groupBytesMax = 4 << 20;
const tellEveryMs = 16;
/** With a live stream, polling is only there for what the stream might miss. */
const pullMsWhileLive = 60_000;

/** Whom a leader talks to. `to` names a worker. */
export interface LeaderPorts {
  answer(to: string, answers: readonly CallAnswer[]): void;
  query(to: string, watch: number, update: QueryUpdate): void;
  happened(notices: readonly Notice[], status: WorkerStatus): void;
  storeLost(lost: StoreLost): void;
  token(why: 'start' | 'expired'): Promise<string | null>;
  /** The engine cannot go on: everything is to be opened anew. */
  broken(reason: string): void;
}

interface Entry {
  readonly text: string;
  readonly attachment?: Uint8Array;
  readonly done: (text: string) => void;
}

interface Watcher {
  readonly worker: string;
  readonly watch: number;
}

const nothing: EngineStatus = { waiting: 0, inFlight: 0, quarantined: 0, online: false, caughtUp: false, storeError: '' };

export class Leader {
  private readonly exchanges: Exchanges;
  private readonly line: Line;
  private readonly live: LiveStream;
  private readonly poller: Poller;
  private readonly turn = new MessageChannel();
  private readonly answers = new AnswerMemory();
  private readonly watchers = new Map<number, Watcher>();
  private entries: Entry[] = [];
  private outgoing = new Map<string, CallAnswer[]>();
  private notices: Notice[] = [];
  private status: EngineStatus = nothing;
  private device = '';
  private incarnation = '';
  private flushOf = 0; // how many the present flush is about; 0: none goes on
  private liveOpen = false;
  private signInNeeded = false;
  private tokenAsked: Promise<string | null> | undefined;
  private wakeTimer: ReturnType<typeof setTimeout> | undefined;
  private tellTimer: ReturnType<typeof setTimeout> | undefined;
  private stopped = false;

  constructor(
    private readonly engine: EngineModule,
    private readonly files: StoreFiles,
    private readonly options: OpenMessage,
    private readonly ports: LeaderPorts,
  ) {
    this.exchanges = new Exchanges(options.url, () => this.token());
    this.line = new Line(options.lineUp, () => this.exchanges.probe(), (up) => this.lineChanged(up));
    this.live = new LiveStream(() => this.liveAddress(), () => this.token(), {
      changed: () => this.poller.pull(),
      opened: (open) => this.liveOpened(open),
    });
    this.poller = new Poller(options.pollMs, () => this.internal({ do: 'syncNow' }));
    this.turn.port1.onmessage = () => this.performGroup();
  }

  /** Opens the store; throws {code, message} when it cannot be. */
  open(): void {
    const created = this.files.files[0].getSize() === 0;
    const remembered = this.options.remembered;
    const sync = { ...(this.options.engine['sync'] as object | undefined), pullIntervalMs: this.pullMs() };
    const device = this.options.engine['device'] ?? remembered?.device;
    const seed = Math.floor(Math.random() * Number.MAX_SAFE_INTEGER);
    const operation = { ...this.options.engine, do: 'open', sync, seed, ...(device === undefined ? {} : { device }) };
    const [opened = '', ...rest] = this.engine.perform([{ text: JSON.stringify(operation) }], Date.now());
    const answer = JSON.parse(opened) as Answer<{ device: string; incarnation: string }>;
    if ('error' in answer) throw answer.error;
    this.device = answer.ok.device;
    this.incarnation = answer.ok.incarnation;
    this.conclude(rest[0]);
    this.internal({ do: 'start' });
    if (!this.line.up) this.line.hint(false);
    const lost = remembered !== undefined && remembered.incarnation !== this.incarnation;
    if (created && (lost || device !== undefined)) void this.findOutWhatIsMissing();
  }

  stop(): void {
    if (this.stopped) return;
    while (this.entries.length > 0) this.performGroup();
    this.stopped = true;
    this.live.stop();
    this.line.stop();
    this.poller.stop();
    this.exchanges.cancelAll();
    clearTimeout(this.wakeTimer);
    clearTimeout(this.tellTimer);
    this.turn.port1.close();
    try {
      this.engine.perform([{ text: '{"do":"close"}' }], Date.now());
    } catch {
      // It is gone already.
    }
    this.files.close();
  }

  // --- what tabs ask ---

  calls(from: string, calls: readonly Call[]): void {
    for (const call of calls) {
      const known = this.answers.find(call.id);
      if (known === 'underWay') continue;
      if (known !== undefined) {
        this.ports.answer(from, [{ id: call.id, text: known }]);
        continue;
      }
      this.answers.begin(call.id);
      this.enqueue({
        text: call.text,
        ...(call.attachment === undefined ? {} : { attachment: call.attachment }),
        done: (text) => {
          this.answers.end(call.id, text);
          this.answerLater(from, { id: call.id, text });
        },
      });
    }
  }

  watch(from: string, watch: number, query: unknown): void {
    this.forgetWatch(from, watch);
    this.internal({ do: 'watch', query }, (text) => {
      const answer = JSON.parse(text) as Answer<{ id: number; documents: [] }>;
      if ('error' in answer) {
        this.ports.query(from, watch, { error: answer.error });
        return;
      }
      this.watchers.set(answer.ok.id, { worker: from, watch });
      this.ports.query(from, watch, { documents: answer.ok.documents });
    });
  }

  forgetWatch(from: string, watch: number): void {
    for (const [id, watcher] of this.watchers) {
      if (watcher.worker === from && watcher.watch === watch) this.unwatch(id);
    }
  }

  forgetWorker(from: string): void {
    for (const [id, watcher] of this.watchers) {
      if (watcher.worker === from) this.unwatch(id);
    }
  }

  tokenChanged(): void {
    this.tokenAsked = undefined;
    this.signInNeeded = false;
    this.internal({ do: 'tokenChanged' });
    this.live.restart();
  }

  hint(up: boolean): void {
    this.line.hint(up);
  }

  setCut(cut: boolean): void {
    this.exchanges.setCut(cut);
    if (cut) {
      this.live.stop();
      this.liveOpen = false;
    }
    void this.line.ask(true);
    this.tellSoon();
  }

  probe(): Promise<boolean> {
    return this.line.ask(true);
  }

  tellSoon(): void {
    this.tellTimer ??= setTimeout(() => {
      this.tellTimer = undefined;
      this.ports.happened(this.notices.splice(0), this.workerStatus());
    }, tellEveryMs);
  }

  // --- groups ---

  private internal(operation: object, done: (text: string) => void = () => undefined, attachment?: Uint8Array): void {
    this.enqueue({ text: JSON.stringify(operation), done, ...(attachment === undefined ? {} : { attachment }) });
  }

  private enqueue(entry: Entry): void {
    if (this.stopped) return;
    this.entries.push(entry);
    if (this.entries.length === 1) this.turn.port2.postMessage(null);
  }

  private takeGroup(): Entry[] {
    let count = 0;
    for (let bytes = 0; count < Math.min(groupCallsMax, this.entries.length); ++count) {
      const entry = this.entries[count] as Entry;
      bytes += entry.text.length + (entry.attachment?.length ?? 0);
      if (count > 0 && bytes > groupBytesMax) break;
    }
    return this.entries.splice(0, count);
  }

  private performGroup(): void {
    if (this.stopped || this.entries.length === 0) return;
    const group = this.takeGroup();
    let texts: string[];
    try {
      texts = this.engine.perform(group, Date.now());
    } catch (error) {
      this.ports.broken(String(error));
      return;
    }
    const conclusion = texts.pop();
    group.forEach((entry, i) => entry.done(texts[i] ?? ''));
    for (const [to, answers] of this.outgoing) this.ports.answer(to, answers);
    this.outgoing.clear();
    this.conclude(conclusion);
    if (this.entries.length > 0 && !this.stopped) this.turn.port2.postMessage(null);
  }

  private answerLater(to: string, answer: CallAnswer): void {
    const waiting = this.outgoing.get(to);
    if (waiting === undefined) {
      this.outgoing.set(to, [answer]);
    } else {
      waiting.push(answer);
    }
  }

  // --- what the engine wants done ---

  private conclude(text: string | undefined): void {
    const conclusion = JSON.parse(text ?? '{"effects":[]}') as Conclusion;
    for (const effect of conclusion.effects) {
      if (effect.effect === 'send') void this.send(effect);
      if (effect.effect === 'wakeAt') this.wakeAt(effect.at);
      if (effect.effect === 'queryChanged') this.queryChanged(effect);
      if (effect.effect === 'notice') this.noticed(effect);
    }
    if (conclusion.status === undefined) {
      if (this.device !== '') this.ports.broken('the store is closed');
      return;
    }
    this.status = conclusion.status;
    this.incarnation = conclusion.incarnation ?? this.incarnation;
    if (this.status.storeError !== '' && !this.status.storeError.startsWith('signed out')) {
      this.ports.broken(this.status.storeError);
      return;
    }
    if (this.options.live && this.status.caughtUp && this.status.online && !this.exchanges.isCut) this.live.start();
    this.poller.run(this.options.live && !this.liveOpen && this.status.online);
    this.tellSoon();
  }

  private async send(effect: SendEffect): Promise<void> {
    const outcome = await this.exchanges.perform(effect);
    if (this.stopped) return;
    this.internal({ do: 'httpDone', exchange: effect.exchange, ...withoutBody(outcome) }, () => this.reached(), bodyOf(outcome));
  }

  // After the engine has judged the answer.
  private reached(): void {
    queueMicrotask(() => this.line.reached(this.status.online));
  }

  private wakeAt(at: number): void {
    clearTimeout(this.wakeTimer);
    this.wakeTimer = setTimeout(() => this.internal({ do: 'wake' }), Math.min(Math.max(0, at - Date.now()), 2 ** 31 - 1));
  }

  private queryChanged(change: QueryChangedEffect): void {
    const watcher = this.watchers.get(change.query);
    if (watcher === undefined) return;
    const { added, changed, removed } = change;
    this.ports.query(watcher.worker, watcher.watch, { added, changed, removed });
  }

  private noticed(effect: { readonly effect: 'notice' } & Notice): void {
    const { effect: _, ...notice } = effect;
    this.notices.push(notice);
    if (notice.kind === 'flushStarted') this.flushOf = Math.max(1, this.status.waiting);
    if (notice.kind === 'flushFinished') this.flushOf = 0;
    if (notice.kind === 'signInNeeded') void this.renewToken();
  }

  private unwatch(id: number): void {
    this.watchers.delete(id);
    this.internal({ do: 'unwatch', id });
  }

  // --- token, line, live ---

  private token(): Promise<string | null> {
    this.tokenAsked ??= this.ports.token('start');
    return this.tokenAsked;
  }

  private async renewToken(): Promise<void> {
    const refused = this.exchanges.refusedToken;
    let now = await this.token();
    // Else the 401 was that of an exchange which had left with an older one: nobody refused the present token yet.
    if (now === null || now === refused) now = await (this.tokenAsked = this.ports.token('expired'));
    if (now !== null && now !== refused) {
      this.tokenChanged();
      this.tokenAsked = Promise.resolve(now);
      return;
    }
    this.signInNeeded = true;
    this.tellSoon();
  }

  private lineChanged(up: boolean): void {
    this.internal({ do: 'network', up });
    if (up) this.live.restart();
    this.tellSoon();
  }

  private liveOpened(open: boolean): void {
    if (open === this.liveOpen) return;
    this.liveOpen = open;
    // What happened between the last pull and the opening.
    if (open) this.poller.pull();
    this.poller.run(!open && this.status.online);
    this.tellSoon();
  }

  private liveAddress(): string {
    const parameters = new URLSearchParams({ device: `${this.device}.${this.incarnation}` });
    const collections = this.options.engine['collections'] as readonly string[] | undefined;
    if (collections !== undefined && collections.length > 0) parameters.set('collections', collections.join(','));
    const scope = this.options.engine['scope'];
    if (typeof scope === 'string' && scope !== '') parameters.set('scope', scope);
    return `${this.options.url}/sync/live?${parameters.toString()}`;
  }

  private pullMs(): number {
    return this.options.live ? Math.max(pullMsWhileLive, this.options.pollMs) : this.options.pollMs;
  }

  // B8: a store was made where the server, or this browser's memory, knows of an earlier one.
  private async findOutWhatIsMissing(): Promise<void> {
    const highestN = (await this.exchanges.highestN(this.device)) ?? 0;
    const lastN = this.options.remembered?.lastN ?? highestN;
    if (highestN === 0 && lastN === 0) return;
    this.ports.storeLost({ device: this.device, highestN, lastN, missing: Math.max(0, lastN - highestN) });
  }

  private workerStatus(): WorkerStatus {
    const { files, status } = this;
    const done = Math.max(0, this.flushOf - status.waiting);
    return {
      ...status,
      line: this.line.up && !this.exchanges.isCut ? 'up' : 'down',
      live: this.liveOpen,
      signInNeeded: this.signInNeeded,
      role: 'leading',
      storage: { kind: files.kind, ...(files.reason === undefined ? {} : { reason: files.reason }) },
      device: this.device,
      incarnation: this.incarnation,
      ...(this.flushOf > 0 ? { progress: { done, of: Math.max(this.flushOf, status.waiting) } } : {}),
    };
  }
}

function bodyOf(outcome: Outcome): Uint8Array | undefined {
  return 'body' in outcome ? outcome.body : undefined;
}

function withoutBody(outcome: Outcome): object {
  if ('failure' in outcome) return outcome;
  const { body: _, ...rest } = outcome;
  return rest;
}
