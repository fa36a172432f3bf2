// The client's interface over maps. The server is in here too: with the line open every command is answered in the next
// turn of the event loop, or by `deliver`; `refuse` makes it say no, `elsewhere` lets somebody else write.
import type {
  Accepted, CommandId, CommandRecord, CommandStatus, EventMap, ExecuteOptions, FieldDiff, Guardrail, JsonObject, LiveQuery, LiveQueue,
  LiveState, Outpost, Problem, Query, QueueFilter, SyncStatus, VisibleDocument, WriteRequest, WriteResult,
} from '@outpost/client';
import { FakeDocuments, type Effects, type FakeWrite } from './fake_documents.js';
import { conflictOf, openStatuses, quarantine, resourceOf, startStatus } from './fake_records.js';
import { restaurant } from './restaurant.js';
import { Signal } from './signal.js';

export interface FakeOptions {
  readonly user?: string;
  readonly effects?: Effects;
  readonly status?: Partial<SyncStatus>;
  /** When the server answers: by itself, or only in `deliver`. */
  readonly answers?: 'soon' | 'onDeliver';
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Listener = (detail: never) => void;

const problemError = (problem: Problem): Error => Object.assign(new Error(problem.code), { code: problem.code, problem });

export class FakeOutpost implements Outpost {
  readonly statusObservable: Signal<SyncStatus>;
  readonly #documents: FakeDocuments;
  readonly #user: string;
  readonly #answers: 'soon' | 'onDeliver';
  readonly #commands: Mutable<CommandRecord>[] = [];
  readonly #refusals = new Map<string, Problem>();
  readonly #changed = new Signal<number>(0);
  readonly #listeners = new Map<keyof EventMap, Set<Listener>>();
  #count = 0;

  constructor({ user = 'ann', effects = restaurant, status = {}, answers = 'soon' }: FakeOptions = {}) {
    this.#user = user;
    this.#answers = answers;
    this.#documents = new FakeDocuments(effects);
    this.statusObservable = new Signal<SyncStatus>({ ...startStatus, lastSync: new Date().toISOString(), ...status });
  }

  // --- the test's side ---

  /** Documents as the server has them, and somebody else's changes. */
  elsewhere(...writes: readonly FakeWrite[]): void {
    this.#documents.putBase(writes);
    this.#refresh();
    this.emit('notice', { kind: 'documentsChanged', detail: '', documents: writes });
  }

  /** The next command of this type, or the one with this id, is answered with this. */
  refuse(typeOrId: string, problem: Problem): void {
    this.#refusals.set(typeOrId, problem);
  }

  setStatus(change: Partial<SyncStatus>): void {
    this.statusObservable.set({ ...this.status, ...change });
    this.emit('status', this.status);
  }

  /** Puts something into the queue as it stands there. */
  enqueueRecord(record: Partial<CommandRecord> & Pick<CommandRecord, 'type' | 'payload'>): CommandRecord {
    const made = { ...this.#record(record.type, record.payload, {}), ...record };
    this.#commands.push(made);
    this.#refresh();
    return made;
  }

  emit<E extends keyof EventMap>(event: E, detail: EventMap[E]): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) (listener as (detail: EventMap[E]) => void)(detail);
  }

  /** The server answers everything that may be sent. */
  deliver(): void {
    if (!this.status.online) return;
    for (const command of this.#pending()) this.#answer(command);
    this.#refresh({ lastSync: new Date().toISOString() });
  }

  // --- writing ---

  async execute<T = JsonObject>(type: string, payload: JsonObject, options: ExecuteOptions = {}): Promise<Accepted<T>> {
    const known = this.#commands.find(({ key }) => key === options.key);
    const command = known ?? this.#record(type, payload, options);
    if (known === undefined) {
      this.#documents.rebase([...this.#pending(), command], command);
      this.#commands.push(command);
      this.#refresh();
      this.#deliverSoon();
    }
    const { id, n, key, resource } = command;
    const seen = resource === undefined ? undefined : this.#documents.get(resource);
    return { id, n, key, ...(resource && { resource }), ...(seen && { optimistic: seen.doc as T }) };
  }

  write<T = JsonObject>({ method, path }: WriteRequest): Promise<WriteResult<T>> {
    return Promise.reject(problemError({ code: this.status.online ? 'PAYMENT_UNAVAILABLE' : 'OFFLINE_UNAVAILABLE', detail: `${method} ${path}` }));
  }
  post = <T = JsonObject>(path: string): Promise<WriteResult<T>> => this.write<T>({ method: 'POST', path });
  put = <T = JsonObject>(path: string): Promise<WriteResult<T>> => this.write<T>({ method: 'PUT', path });
  patch = <T = JsonObject>(path: string): Promise<WriteResult<T>> => this.write<T>({ method: 'PATCH', path });
  delete = <T = JsonObject>(path: string): Promise<WriteResult<T>> => this.write<T>({ method: 'DELETE', path });
  enqueue = <T = JsonObject>(request: WriteRequest): Promise<WriteResult<T>> => this.write<T>(request);

  newId(): string {
    this.#count += 1;
    return `01K8FAKE${String(this.#count).padStart(18, '0')}`;
  }

  onlineOnly(write: { payload: JsonObject } | { body?: JsonObject }): Guardrail | undefined {
    const payload = 'payload' in write ? write.payload : 'body' in write ? write.body : undefined;
    const method = (payload?.['payment'] as { method?: string } | undefined)?.method;
    return method === undefined || method === 'CASH' ? undefined : { rule: 'onlineOnly', payload: { 'payment.method': [method] } };
  }

  // --- reading ---

  async get<T = JsonObject>(key: { collection: string; id: string }): Promise<VisibleDocument<T> | undefined> {
    return this.#documents.get(key) as VisibleDocument<T> | undefined;
  }
  async query<T = JsonObject>(query: Query): Promise<readonly VisibleDocument<T>[]> {
    return this.#documents.query(query) as readonly VisibleDocument<T>[];
  }
  async count(query: Query): Promise<number> {
    return this.#documents.query(query).length;
  }
  liveQuery<T = JsonObject>(query: Query): LiveQuery<T> {
    const read = (): readonly VisibleDocument<T>[] => this.#documents.query(query) as readonly VisibleDocument<T>[];
    return this.#live(read, (documents): LiveState<T> => ({ state: 'ready', documents }));
  }
  dataSets = async () => [];
  subscribe = async () => undefined;

  // --- status and queue ---

  get status(): SyncStatus {
    return this.statusObservable.current;
  }
  on<E extends keyof EventMap>(event: E, listener: (detail: EventMap[E]) => void): () => void {
    const listeners = this.#listeners.get(event) ?? new Set<Listener>();
    this.#listeners.set(event, listeners.add(listener));
    return () => listeners.delete(listener);
  }
  audit = async () => [];
  queue = async (filter: QueueFilter = {}) => this.#filtered(filter);
  liveQueue = (filter: QueueFilter = {}): LiveQueue => this.#live(() => this.#filtered(filter), (commands) => commands);
  conflicts = async () => this.#commands.filter(({ status }) => status === 'CONFLICT').map(conflictOf);
  syncNow = async () => this.deliver();
  settled = async () => this.deliver();
  retry = async (id: CommandId) => this.#again(id);
  latest = async (id: CommandId) => this.#again(id);
  force = async (id: CommandId) => this.#again(id);
  async retryAll(): Promise<number> {
    const refused = this.#commands.filter(({ status }) => quarantine.has(status));
    for (const { id } of refused) this.#again(id);
    return refused.length;
  }
  async edit<T = JsonObject>(id: CommandId, { type, payload }: { type?: string; payload: JsonObject }): Promise<Accepted<T>> {
    const old = this.#find(id);
    this.#replace({ ...old, status: 'DISCARDED' });
    return this.execute<T>(type ?? old.type, payload);
  }
  discardPlan = async (id: CommandId) => this.#falling(id).filter((command) => command.id !== id);
  async discard(id: CommandId): Promise<readonly CommandId[]> {
    const falling = this.#falling(id);
    for (const command of falling) this.#replace({ ...command, status: 'DISCARDED' });
    this.#refresh();
    return falling.map((command) => command.id);
  }

  // --- the rest ---

  exportQueue = async () => JSON.stringify(this.#commands);
  importQueue = async () => ({ taken: 0, known: 0 });
  importLegacy = async () => ({ taken: 0, known: 0, skipped: [] });
  signIn = async () => undefined;
  logout = async () => this.emit('loggedOut', { elsewhere: false });
  tokenChanged = () => undefined;
  async setLine(line: 'open' | 'cut'): Promise<void> {
    this.setStatus(line === 'open' ? { online: true, line: 'up', live: true } : { online: false, line: 'down', live: false });
    this.#deliverSoon();
  }
  probe = async () => this.status.online;
  askForPersistence = async () => this.status.storage;
  close = async () => undefined;

  // --- inside ---

  #record(type: string, payload: JsonObject, { key, expectedVersion, dependsOn = [] }: ExecuteOptions): Mutable<CommandRecord> {
    const id = this.newId();
    const at = new Date().toISOString();
    return {
      id, n: this.#count, author: this.#user, type, payload, key: key ?? id, revision: 0, dependsOn, status: 'PENDING', sent: false,
      doubtful: false, attempts: 0, createdAt: at, updatedAt: at, ...(expectedVersion !== undefined && { expectedVersion }),
      ...resourceOf(type, payload, id),
    };
  }

  #deliverSoon(): void {
    if (this.#answers === 'soon') setTimeout(() => this.deliver(), 0);
  }

  #pending(): readonly CommandRecord[] {
    return this.#commands.filter(({ status }) => status === 'PENDING');
  }

  #find(id: CommandId): CommandRecord {
    const found = this.#commands.find((command) => command.id === id);
    if (found === undefined) throw problemError({ code: 'NOT_FOUND' });
    return found;
  }

  #falling(id: CommandId): readonly CommandRecord[] {
    const command = this.#find(id);
    const builtOnIt = this.#commands.filter((later) => openStatuses.has(later.status) && (later.dependsOn.includes(id) || this.#isAboutNewOf(command, later)));
    return [command, ...builtOnIt];
  }

  /** Whether a later command is about a document that the server does not have and that begins with this one. */
  #isAboutNewOf({ n, resource }: CommandRecord, later: CommandRecord): boolean {
    if (resource === undefined || later.n <= n || this.#documents.base(resource) !== undefined) return false;
    return later.resource?.collection === resource.collection && later.resource.id === resource.id && this.#commands.every((one) => one.n >= n || one.resource?.id !== resource.id);
  }

  #again(id: CommandId): void {
    const { expectedVersion: _expected, problem: _problem, ...command } = this.#find(id);
    this.#replace({ ...command, status: 'PENDING', revision: command.revision + 1, attempts: command.attempts + 1 });
    this.#refresh();
    this.#deliverSoon();
  }

  #answer(command: CommandRecord): void {
    const problem = this.#refusals.get(command.id) ?? this.#refusals.get(command.type) ?? this.#versionProblem(command);
    this.#refusals.delete(command.id);
    this.#refusals.delete(command.type);
    const refused: CommandStatus = problem?.conflictType === undefined ? 'FAILED' : 'CONFLICT';
    if (problem === undefined) this.#documents.applyToBase(command);
    this.#replace({ ...command, sent: true, status: problem === undefined ? 'SUCCEEDED' : refused, ...(problem && { problem }) });
  }

  #versionProblem({ expectedVersion, resource, payload }: CommandRecord): Problem | undefined {
    const theirs = resource === undefined ? undefined : this.#documents.base(resource);
    if (typeof expectedVersion !== 'number' || theirs === undefined || theirs.version === expectedVersion) return undefined;
    const diff: FieldDiff[] = Object.entries(payload)
      .filter(([field, yours]) => field !== 'id' && theirs.doc[field] !== yours)
      .map(([field, yours]) => ({ field, yours, theirs: theirs.doc[field] ?? null }));
    return { code: 'VERSION_CONFLICT', conflictType: 'VERSION_CONFLICT', currentState: theirs.doc, currentVersion: theirs.version, diff };
  }

  #replace(command: CommandRecord): void {
    this.#commands[this.#commands.findIndex(({ id }) => id === command.id)] = command;
  }

  #refresh(change: Partial<SyncStatus> = {}): void {
    this.#documents.rebase(this.#pending());
    const open = this.#commands.filter(({ status }) => openStatuses.has(status));
    const quarantined = open.filter(({ status }) => quarantine.has(status)).length;
    this.#changed.set(this.#changed.current + 1);
    this.setStatus({ waiting: open.length - quarantined, quarantined, ...change });
    this.emit('queue', undefined);
  }

  #filtered({ status, resource, limit }: QueueFilter): readonly CommandRecord[] {
    const wanted = status === undefined ? undefined : new Set(typeof status === 'string' ? [status] : status);
    const about = (key: CommandRecord['resource']): boolean => resource === undefined || (key?.collection === resource.collection && key.id === resource.id);
    const found = this.#commands.filter((command) => (wanted === undefined || wanted.has(command.status)) && about(command.resource));
    return limit === undefined ? found : found.slice(0, limit);
  }

  #live<Row, State>(read: () => readonly Row[], wrap: (rows: readonly Row[]) => State) {
    let rows = read();
    const signal = new Signal(wrap(rows));
    const close = this.#changed.subscribe(() => {
      const next = read();
      if (next.length === rows.length && next.every((row, i) => row === rows[i])) return;
      rows = next;
      signal.set(wrap(rows));
    });
    const ready = Promise.resolve(rows);
    return { get current() { return signal.current; }, subscribe: signal.subscribe, ready, close };
  }
}
