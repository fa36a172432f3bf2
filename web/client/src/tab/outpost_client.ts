// The Outpost object of a tab. What it promises is in api.ts; the work is done by the worker.
import type {
  Accepted,
  AuditRow,
  CommandId,
  CommandRecord,
  Conflict,
  DataSet,
  DocumentKey,
  EventMap,
  ExecuteOptions,
  Imported,
  JsonObject,
  LegacyImported,
  LegacyImportOptions,
  LiveQuery,
  LiveQueue,
  LogoutOptions,
  Method,
  Observable,
  Outpost,
  OutpostOptions,
  Query,
  QueueFilter,
  StorageStatus,
  StoreLost,
  SyncStatus,
  TokenSource,
  VisibleDocument,
  WriteOptions,
  WriteRequest,
  WriteResult,
} from '../api.js';
import { OutpostError } from '../errors.js';
import { newUlid } from '../ulid.js';
import { blankStatus, type WorkerStatus } from '../worker/messages.js';
import { watchForeground, wakeByBackgroundSync } from './background.js';
import { Connection, type Heard } from './connection.js';
import { conflictsOf } from './conflicts.js';
import type { Attempt } from './guardrails.js';
import { importLegacyQueue, stableIdOf } from './legacy.js';
import { logout } from './logout.js';
import { StoreMemory } from './memory.js';
import { normalQuery, queueArguments } from './queries.js';
import { WatchedQueue } from './live_queue.js';
import { commandOf } from './routes.js';
import { baseUrlOf, checkOptions, openMessageOf, patienceMs, storeOf } from './settings.js';
import { Events, Signal } from './signal.js';
import { askStorage, type StorageAnswer } from './storage_status.js';
import { TokenKeeper } from './token_keeper.js';
import { Writes } from './writes.js';

const settledPatienceMs = 60_000;

export class OutpostClient implements Outpost {
  readonly statusObservable: Observable<SyncStatus>;
  private readonly statusSignal: Signal<SyncStatus>;
  private readonly events = new Events<EventMap>();
  private readonly connection: Connection;
  private readonly tokens: TokenKeeper;
  private readonly memory: StoreMemory;
  private readonly writes: Writes;
  private storage: StorageAnswer = {};
  private lost: StoreLost | undefined;
  private listening = false; // whoever opened it can hear
  private workerStatus: WorkerStatus | undefined;
  private opened: () => void = () => undefined;
  private refused: (error: Error) => void = () => undefined;
  private ended: () => void = () => undefined;
  private readonly isEnded = new Promise<void>((resolve) => (this.ended = resolve));
  private readonly letGo: (() => void)[] = [];

  private constructor(
    private readonly options: OutpostOptions,
    worker: Worker,
  ) {
    this.statusSignal = new Signal<SyncStatus>({ ...blankStatus, storage: { kind: 'opfs', durable: false } });
    this.statusObservable = this.statusSignal;
    this.connection = new Connection(worker, (message) => this.heard(message));
    this.tokens = new TokenKeeper(options.token);
    this.memory = new StoreMemory(storeOf(options));
    this.writes = new Writes({
      url: baseUrlOf(options),
      guardrails: options.guardrails ?? [],
      patienceMs: options.writePatienceMs ?? patienceMs,
      online: () => this.status.online && this.status.line === 'up',
      probe: () => this.probe(),
      token: (why) => this.tokens.get(why),
      newId: newUlid,
      execute: (type, payload, request) => this.execute(type, payload, executeOptionsOf(request)),
      find: (id) => this.connection.call<CommandRecord | null>({ do: 'command', id }),
      queue: (filter) => this.queue(filter),
      resource: async (record) => (record.resource === undefined ? undefined : (await this.get(record.resource))?.doc),
      changed: (withinMs) => this.nextChange(withinMs),
      syncNow: () => this.syncNow(),
    });
  }

  /** Resolves when the store is open here, or another tab's leader is heard. */
  static async open(options: OutpostOptions, worker: () => Worker): Promise<OutpostClient> {
    checkOptions(options);
    const client = new OutpostClient(options, worker());
    const token = await client.tokens.get('start');
    client.storage = await askStorage(options.persist ?? true);
    const ready = new Promise<void>((resolve, reject) => {
      client.opened = resolve;
      client.refused = reject;
    });
    client.connection.send(openMessageOf(options, client.connection.tab, token, client.memory.read()));
    client.letGo.push(watchForeground((up) => client.connection.send({ kind: 'line', up }), () => client.memory.write()));
    client.letGo.push(wakeByBackgroundSync(() => void client.syncNow()));
    await ready;
    // Once whoever opened it has had a turn to listen.
    setTimeout(() => client.tellLost());
    return client;
  }

  get status(): SyncStatus {
    return this.statusSignal.current;
  }

  on<E extends keyof EventMap>(event: E, listener: (detail: EventMap[E]) => void): () => void {
    return this.events.on(event, listener);
  }

  // --- writing ---

  async execute<T = JsonObject>(type: string, payload: JsonObject, options: ExecuteOptions = {}): Promise<Accepted<T>> {
    const key = options.key ?? newUlid();
    const accepted = await this.connection.call<Omit<Accepted<T>, 'key'>>({ do: 'execute', type, payload, ...options, key });
    this.memory.gave(accepted.n);
    return { ...accepted, key };
  }

  write<T = JsonObject>(request: WriteRequest): Promise<WriteResult<T>> {
    return this.writes.write<T>(request);
  }
  post<T = JsonObject>(path: string, body?: JsonObject, options?: WriteOptions): Promise<WriteResult<T>> {
    return this.write<T>(requestOf('POST', path, body, options));
  }
  put<T = JsonObject>(path: string, body?: JsonObject, options?: WriteOptions): Promise<WriteResult<T>> {
    return this.write<T>(requestOf('PUT', path, body, options));
  }
  patch<T = JsonObject>(path: string, body?: JsonObject, options?: WriteOptions): Promise<WriteResult<T>> {
    return this.write<T>(requestOf('PATCH', path, body, options));
  }
  delete<T = JsonObject>(path: string, options?: WriteOptions): Promise<WriteResult<T>> {
    return this.write<T>(requestOf('DELETE', path, undefined, options));
  }
  enqueue<T = JsonObject>(request: WriteRequest): Promise<WriteResult<T>> {
    return this.writes.enqueue<T>(request);
  }

  newId(): string {
    return newUlid();
  }

  onlineOnly(write: { method: Method; path: string; body?: JsonObject } | { type: string; payload: JsonObject }) {
    const attempt: Attempt = 'type' in write ? write : { ...write, ...(write.body === undefined ? {} : { payload: write.body }) };
    return this.writes.onlineOnly(attempt);
  }

  // --- reading ---

  async get<T = JsonObject>(key: DocumentKey): Promise<VisibleDocument<T> | undefined> {
    return (await this.connection.call<VisibleDocument<T> | null>({ do: 'get', collection: key.collection, id: key.id })) ?? undefined;
  }
  query<T = JsonObject>(query: Query): Promise<readonly VisibleDocument<T>[]> {
    return this.connection.call({ do: 'find', query: normalQuery(query) });
  }
  count(query: Query): Promise<number> {
    return this.connection.call({ do: 'count', query: normalQuery(query) });
  }
  liveQuery<T = JsonObject>(query: Query): LiveQuery<T> {
    return this.connection.watch(normalQuery(query)) as LiveQuery<T>;
  }
  dataSets(): Promise<readonly DataSet[]> {
    return this.connection.call({ do: 'dataSets' });
  }
  async subscribe(subscription: Parameters<Outpost['subscribe']>[0]): Promise<void> {
    await this.connection.call({ do: 'subscribe', ...subscription });
  }
  audit(options: { readonly command?: CommandId; readonly limit?: number } = {}): Promise<readonly AuditRow[]> {
    return this.connection.call({ do: 'audit', ...options });
  }

  // --- the queue ---

  queue(filter: QueueFilter = {}): Promise<readonly CommandRecord[]> {
    return this.connection.call({ do: 'queue', ...queueArguments(filter) });
  }
  liveQueue(filter: QueueFilter = {}): LiveQueue {
    return new WatchedQueue(() => this.queue(filter), (listener) => this.on('queue', listener));
  }
  async conflicts(): Promise<readonly Conflict[]> {
    return conflictsOf(await this.queue({ status: 'CONFLICT' }));
  }
  async syncNow(): Promise<void> {
    await this.connection.call({ do: 'syncNow' });
  }
  async settled(within: number = settledPatienceMs): Promise<void> {
    const deadline = Date.now() + within;
    for (;;) {
      const waiting = await this.queue({ status: ['PENDING', 'DISCARDING'], limit: 1 });
      if (waiting.length === 0) return;
      if (Date.now() >= deadline) throw new OutpostError('TIMEOUT', 'not everything is settled yet');
      await this.nextChange(deadline - Date.now());
    }
  }
  async retry(id: CommandId): Promise<void> {
    await this.connection.call({ do: 'retry', id });
  }
  retryAll(): Promise<number> {
    return this.connection.call({ do: 'retryAll' });
  }
  async latest(id: CommandId): Promise<void> {
    await this.connection.call({ do: 'latest', id });
  }
  async force(id: CommandId): Promise<void> {
    await this.connection.call({ do: 'force', id });
  }
  async edit<T = JsonObject>(id: CommandId, change: { type?: string; payload: JsonObject } & ExecuteOptions): Promise<Accepted<T>> {
    const key = change.key ?? newUlid();
    const accepted = await this.connection.call<Omit<Accepted<T>, 'key'>>({ do: 'edit', ...change, key, id });
    return { ...accepted, key };
  }
  discardPlan(id: CommandId): Promise<readonly CommandRecord[]> {
    return this.connection.call({ do: 'discardPlan', id });
  }
  discard(id: CommandId): Promise<readonly CommandId[]> {
    return this.connection.call({ do: 'discard', id });
  }

  async exportQueue(): Promise<string> {
    return (await this.connection.call<{ file: string }>({ do: 'exportQueue' })).file;
  }
  importQueue(file: string): Promise<Imported> {
    return this.connection.call({ do: 'importQueue' }, new TextEncoder().encode(file));
  }
  async importLegacy(options: LegacyImportOptions = {}): Promise<LegacyImported> {
    const keys = new Set((await this.queue()).map((command) => command.key));
    return importLegacyQueue(options, async (key) => keys.has(key), async (request) => {
      const creates = request.method === 'POST' && commandOf('POST', request.path, request.body, () => 'new')?.payload['id'] === 'new';
      const body = creates ? { ...request.body, id: await stableIdOf(request.key) } : request.body;
      await this.enqueue({ ...request, ...(body === undefined ? {} : { body }) });
    });
  }

  // --- people, line, end ---

  async signIn(user: string, options: { readonly mayRead?: readonly string[]; readonly token?: TokenSource } = {}): Promise<void> {
    await this.connection.call({ do: 'signIn', user, ...(options.mayRead === undefined ? {} : { mayRead: options.mayRead }) });
    if (options.token !== undefined) this.tokens.change(options.token);
    this.tokenChanged();
  }

  async logout(options: LogoutOptions = {}): Promise<void> {
    const wiped = await logout(options, this.options.sharing === 'terminal', {
      exportQueue: () => this.connection.call({ do: 'exportQueue' }),
      signOut: async (how, digest) => {
        await this.connection.call({ do: 'signOut', how, digest });
      },
      settle: async (within) => {
        await this.syncNow();
        await this.settled(within);
      },
    });
    if (this.options.sharing === 'terminal') return;
    if (wiped) this.memory.forget();
    this.connection.send({ kind: 'loggedOut', wiped });
    await this.isEnded;
  }

  tokenChanged(): void {
    this.tokens.forget();
    this.connection.send({ kind: 'tokenChanged' });
  }

  async setLine(line: 'open' | 'cut'): Promise<void> {
    this.connection.send({ kind: 'cut', cut: line === 'cut' });
    await this.connection.call({ do: 'wake' });
  }
  probe(): Promise<boolean> {
    return this.connection.probe();
  }
  async askForPersistence(): Promise<StorageStatus> {
    this.storage = await askStorage(true);
    this.showStatus();
    return this.status.storage;
  }

  async close(): Promise<void> {
    this.memory.write();
    this.connection.send({ kind: 'close' });
    await this.isEnded;
  }

  // --- what the worker says ---

  private heard(message: Heard): void {
    switch (message.kind) {
      case 'status':
        this.workerStatus = message.status;
        this.showStatus();
        if (message.status.device !== '') this.opened();
        return;
      case 'notices':
        for (const notice of message.notices) this.events.emit('notice', notice);
        if (message.notices.some((notice) => notice.kind !== 'documentsChanged')) this.events.emit('queue', undefined);
        return;
      case 'tokenWanted':
        void this.tokens.get(message.why).then((token) => this.connection.send({ kind: 'token', token }));
        return;
      case 'storeLost':
        this.lost = message.lost;
        this.showStatus();
        if (this.listening) this.events.emit('storeLost', message.lost);
        return;
      case 'failed':
        return this.failed(new OutpostError(message.code, message.message));
      case 'loggedOut':
        this.events.emit('loggedOut', { elsewhere: true });
        return this.end(new OutpostError('SIGNED_OUT', 'signed out'));
      case 'closed':
        return this.end(new OutpostError('CLOSED', 'this tab has let go of its store'));
    }
  }

  private tellLost(): void {
    this.listening = true;
    if (this.lost !== undefined) this.events.emit('storeLost', this.lost);
  }

  private failed(error: OutpostError): void {
    this.refused(error);
    this.statusSignal.set({ ...this.status, storeError: error.message });
    this.events.emit('status', this.status);
    this.connection.end(error);
  }

  private end(error: OutpostError): void {
    for (const letGo of this.letGo) letGo();
    this.connection.end(error);
    this.statusSignal.set({ ...this.status, role: 'closed' });
    this.events.emit('status', this.status);
    this.refused(error);
    this.ended();
  }

  private showStatus(): void {
    const known = this.workerStatus;
    if (known === undefined) return;
    const storage: StorageStatus = { ...known.storage, durable: known.storage.kind === 'opfs', ...this.storage };
    const before = this.status;
    const now: SyncStatus = { ...known, storage, ...(this.lost === undefined ? {} : { storeLost: this.lost }) };
    if (JSON.stringify(before) === JSON.stringify(now)) return;
    this.statusSignal.set(now);
    this.memory.opened(now.device, now.incarnation);
    this.events.emit('status', now);
    const queueMoved = before.waiting !== now.waiting || before.inFlight !== now.inFlight || before.quarantined !== now.quarantined;
    if (queueMoved) this.events.emit('queue', undefined);
  }

  private nextChange(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const stop = (): void => {
        clearTimeout(timer);
        off();
        resolve();
      };
      const off = this.on('queue', stop);
      const timer = setTimeout(stop, Math.max(0, withinMs));
    });
  }
}

function requestOf(method: Method, path: string, body: JsonObject | undefined, options: WriteOptions = {}): WriteRequest {
  return { ...options, method, path, ...(body === undefined ? {} : { body }) };
}

function executeOptionsOf(request: WriteRequest): ExecuteOptions {
  const { method: _m, path: _p, body: _b, offline: _o, patienceMs: _w, ...options } = request;
  return options;
}
