// A tab's worker. It asks for the store's Web Lock; whoever has it leads, the others forward their tab's calls to the
// leader over a channel. The lock is never stolen: its holder has the files open. When the holder goes, for whatever
// reason, the browser frees the lock and the next in line opens them.
//
// Every call stays here until it is answered, and is sent again to the next leader: ids and keys make that harmless.
import type { Notice, Query } from '../api.js';
import { EngineModule } from '../engine/module.js';
import { openStoreFiles, removeStoreFiles } from '../engine/opfs_files.js';
import { memoryFiles, type StoreFiles } from '../engine/store_files.js';
import { Leader, type LeaderPorts } from './leader.js';
import { blankStatus, type Call, type CallAnswer, type FromWorker, type OnChannel, type OpenMessage, type ToWorker, type WorkerStatus } from './messages.js';

const beatMs = 1_000;
const silenceMs = 5_000;
const reopeningsMax = 3;

export type Post = (message: FromWorker) => void;

export class TabWorker {
  private readonly id = crypto.randomUUID();
  private readonly pending = new Map<string, Call>();
  private readonly watches = new Map<number, Query>();
  private readonly closing = new AbortController();
  private options: OpenMessage | undefined;
  private channel: BroadcastChannel | undefined;
  private leader: Leader | undefined;
  private reign: string | undefined; // of the leader this worker's calls were sent to
  private lastBeat = Date.now();
  private leaderTitle = '';
  private stuck = false;
  private status: WorkerStatus | undefined;
  private reopenings = 0;
  private beatTimer: ReturnType<typeof setInterval> | undefined;
  private endReign: () => void = () => undefined;
  private tokenWanted: ((token: string | null) => void)[] = [];

  constructor(private readonly post: Post) {}

  handle(message: ToWorker): void {
    switch (message.kind) {
      case 'open':
        return this.open(message);
      case 'calls':
        return this.submit(message.calls);
      case 'watch':
        this.watches.set(message.watch, message.query);
        return this.sendWatch(message.watch, message.query);
      case 'unwatch':
        return this.unwatch(message.watch);
      case 'token':
        for (const resolve of this.tokenWanted.splice(0)) resolve(message.token);
        return;
      case 'tokenChanged':
        return this.leader !== undefined ? this.leader.tokenChanged() : this.say({ kind: 'tokenChanged' });
      case 'line':
        return this.leader !== undefined ? this.leader.hint(message.up) : this.say({ kind: 'line', up: message.up });
      case 'cut':
        return this.leader !== undefined ? this.leader.setCut(message.cut) : this.say({ kind: 'cut', cut: message.cut });
      case 'probe':
        void (this.leader?.probe() ?? Promise.resolve(this.status?.online ?? false)).then((up) =>
          this.post({ kind: 'probed', probe: message.probe, up }),
        );
        return;
      case 'loggedOut':
        this.say({ kind: 'loggedOut', wiped: message.wiped });
        return void this.end(message.wiped);
      case 'close':
        return void this.end(false);
    }
  }

  // --- who leads ---

  private open(options: OpenMessage): void {
    this.options = options;
    this.channel = new BroadcastChannel(`outpost:${options.store}`);
    this.channel.onmessage = (event: MessageEvent<OnChannel>) => this.heard(event.data);
    this.say({ kind: 'whoLeads' });
    this.beatTimer = setInterval(() => this.beat(), beatMs);
    const reign = (): Promise<void> => this.lead();
    const run = 'locks' in navigator ? navigator.locks.request(`outpost:${options.store}`, { signal: this.closing.signal }, reign) : reign();
    run.catch((error: unknown) => {
      if (!this.closing.signal.aborted) this.fail('STORE_FAILED', String(error));
    });
  }

  /** Ends when the reign does; the lock is held until then. */
  private async lead(): Promise<void> {
    const ended = new Promise<void>((resolve) => (this.endReign = resolve));
    await this.openStore();
    await ended;
  }

  private async openStore(): Promise<void> {
    const options = this.options as OpenMessage;
    let files: StoreFiles | undefined;
    try {
      const module = await compile(options.engineUrl);
      files = options.durable ? await openStoreFiles(options.store) : memoryFiles('asked for');
      if (this.closing.signal.aborted) return files.close();
      const leader = new Leader(EngineModule.start(module, files), files, options, this.leaderPorts());
      leader.open();
      this.leader = leader;
    } catch (error) {
      files?.close();
      return this.couldNotOpen(error);
    }
    this.reign = crypto.randomUUID();
    this.stuck = false;
    this.beat();
    this.resend();
  }

  private couldNotOpen(error: unknown): void {
    const known = error as { code?: unknown; message?: unknown };
    const held = error instanceof DOMException && error.name === 'NoModificationAllowedError';
    const code = held ? 'STORE_TAKEN' : typeof known.code === 'string' ? known.code : 'STORE_FAILED';
    this.fail(code, typeof known.message === 'string' ? known.message : String(error));
    this.endReign();
  }

  // The disk failed, or the engine stopped: what is on the medium is the truth, and it is opened anew.
  private reopen(reason: string): void {
    const leader = this.leader;
    this.leader = undefined;
    leader?.stop();
    this.reopenings += 1;
    if (this.closing.signal.aborted) return;
    if (this.reopenings > reopeningsMax) return this.fail('STORE_FAILED', reason);
    void this.openStore();
  }

  private leaderPorts(): LeaderPorts {
    return {
      answer: (to, answers) => (to === this.id ? this.answered(answers) : this.say({ kind: 'answers', to, answers })),
      query: (to, watch, update) =>
        to === this.id ? this.post({ kind: 'query', watch, update }) : this.say({ kind: 'query', to, watch, update }),
      happened: (notices, status) => {
        if (this.leader === undefined) return;
        this.happened(notices, status);
        this.say({ kind: 'happened', leader: this.reign ?? '', notices, status });
      },
      storeLost: (lost) => {
        this.post({ kind: 'storeLost', lost });
        this.say({ kind: 'storeLost', lost });
      },
      token: (why) =>
        new Promise((resolve) => {
          this.tokenWanted.push(resolve);
          this.post({ kind: 'tokenWanted', why });
        }),
      broken: (reason) => this.reopen(reason),
    };
  }

  private beat(): void {
    if (this.leader !== undefined) {
      this.say({ kind: 'beat', leader: this.reign ?? '', title: this.options?.title ?? '' });
      return;
    }
    if (this.stuck || Date.now() - this.lastBeat < silenceMs) return;
    this.stuck = true;
    this.tellRole();
  }

  // --- the channel ---

  private say(message: OnChannel): void {
    this.channel?.postMessage(message);
  }

  private heard(message: OnChannel): void {
    switch (message.kind) {
      case 'beat':
        return this.heardBeat(message.leader, message.title);
      case 'whoLeads':
        if (this.leader === undefined) return;
        this.beat();
        return this.leader.tellSoon();
      case 'calls':
        if (message.leader === this.reign) this.leader?.calls(message.from, message.calls);
        return;
      case 'watch':
        if (message.leader === this.reign) this.leader?.watch(message.from, message.watch, message.query);
        return;
      case 'unwatch':
        return this.leader?.forgetWatch(message.from, message.watch);
      case 'gone':
        return this.leader?.forgetWorker(message.from);
      case 'answers':
        if (message.to === this.id) this.answered(message.answers);
        return;
      case 'query':
        if (message.to === this.id) this.post({ kind: 'query', watch: message.watch, update: message.update });
        return;
      case 'happened':
        if (this.leader === undefined) this.happened(message.notices, { ...message.status, role: 'following' });
        return;
      case 'storeLost':
        return this.post({ kind: 'storeLost', lost: message.lost });
      case 'line':
        return this.leader?.hint(message.up);
      case 'cut':
        return this.leader?.setCut(message.cut);
      case 'tokenChanged':
        return this.leader?.tokenChanged();
      case 'loggedOut':
        return void this.end(message.wiped);
    }
  }

  private heardBeat(leader: string, title: string): void {
    if (this.leader !== undefined) return;
    this.lastBeat = Date.now();
    this.leaderTitle = title;
    const wasStuck = this.stuck;
    this.stuck = false;
    if (leader !== this.reign) {
      this.reign = leader;
      this.resend();
    }
    if (wasStuck) this.tellRole();
  }

  // --- this tab's calls ---

  private submit(calls: readonly Call[]): void {
    for (const call of calls) this.pending.set(call.id, call);
    this.sendCalls(calls);
  }

  private sendCalls(calls: readonly Call[]): void {
    if (calls.length === 0 || this.reign === undefined) return;
    if (this.leader !== undefined) {
      this.leader.calls(this.id, calls);
    } else {
      this.say({ kind: 'calls', leader: this.reign, from: this.id, calls });
    }
  }

  private sendWatch(watch: number, query: Query): void {
    if (this.reign === undefined) return;
    if (this.leader !== undefined) {
      this.leader.watch(this.id, watch, query);
    } else {
      this.say({ kind: 'watch', leader: this.reign, from: this.id, watch, query });
    }
  }

  private unwatch(watch: number): void {
    this.watches.delete(watch);
    if (this.leader !== undefined) {
      this.leader.forgetWatch(this.id, watch);
    } else if (this.reign !== undefined) {
      this.say({ kind: 'unwatch', leader: this.reign, from: this.id, watch });
    }
  }

  // To a new leader: everything that is not answered, and what is watched.
  private resend(): void {
    this.sendCalls([...this.pending.values()]);
    for (const [watch, query] of this.watches) this.sendWatch(watch, query);
  }

  private answered(answers: readonly CallAnswer[]): void {
    const mine = answers.filter((answer) => this.pending.delete(answer.id));
    if (mine.length > 0) this.post({ kind: 'answers', answers: mine });
  }

  // --- telling the tab ---

  private happened(notices: readonly Notice[], status: WorkerStatus): void {
    this.status = status;
    if (notices.length > 0) this.post({ kind: 'notices', notices });
    this.post({ kind: 'status', status });
  }

  private tellRole(): void {
    const before = this.status ?? blankStatus;
    const role = this.stuck ? 'stuck' : before.role === 'stuck' ? 'following' : before.role;
    const { stuckTab: _, ...rest } = before;
    this.happened([], { ...rest, role, ...(this.stuck ? { stuckTab: this.leaderTitle || 'another tab' } : {}) });
  }

  private fail(code: string, message: string): void {
    this.post({ kind: 'failed', code, message });
  }

  private async end(wiped: boolean): Promise<void> {
    if (this.closing.signal.aborted) return;
    this.closing.abort();
    clearInterval(this.beatTimer);
    const led = this.leader !== undefined;
    this.leader?.stop();
    this.leader = undefined;
    this.say({ kind: 'gone', from: this.id });
    if (led && wiped) await removeStoreFiles((this.options as OpenMessage).store);
    this.endReign();
    this.channel?.close();
    this.post({ kind: wiped ? 'loggedOut' : 'closed' });
  }
}

async function compile(url: string): Promise<WebAssembly.Module> {
  const response = await fetch(url, { credentials: 'omit' });
  if (!response.ok) throw new Error(`the engine's module cannot be had: ${url} answers ${response.status}`);
  const streams = (response.headers.get('content-type') ?? '').startsWith('application/wasm');
  return streams ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}
