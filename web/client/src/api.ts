// The public API of @outpost/client: everything an application sees. Types only; openOutpost in index.ts gives the
// object. Names are those of the C++ engine (engine/device/device.h) in camelCase.
//
// What it promises:
//   Visible = base + pending. Reads show the server's documents with this device's waiting commands applied.
//   Durable before said. A promise of `execute` or of a queued write resolves after the commit to disk, never before;
//     where the browser gives no durable storage, `status.storage.durable` says so.
//   Once. A call carries an id minted in the tab; it is executed once, however often the tab had to send it again.
//   Any number of tabs may be open on one store. One of them leads; which one is nobody's concern.

// --- identifiers and values ----------------------------------------------------------------------------------------

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [name: string]: JsonValue };
export type JsonObject = { readonly [name: string]: JsonValue };

export type CommandId = string; // ULID
export type IdempotencyKey = string; // 1–255 visible ASCII characters
export type CollectionName = string;
export type DocumentId = string;
export type Milliseconds = number;
/** RFC 3339, UTC, milliseconds. */
export type Instant = string;

export interface DocumentKey {
  readonly collection: CollectionName;
  readonly id: DocumentId;
}

/** A document as it shows: base plus what waits. */
export interface VisibleDocument<T = JsonObject> extends DocumentKey {
  /** The server's version; 0: the server does not know it yet. */
  readonly version: number;
  readonly doc: T;
  /** Shows effects that the server has not confirmed. */
  readonly pending: boolean;
}

// --- opening -------------------------------------------------------------------------------------------------------

/** A token, or where to get one: called at the start, and again when the server no longer takes the last one. */
export type TokenSource = string | ((why: 'start' | 'expired') => string | null | Promise<string | null>);

export type Locale = 'en' | 'fa' | 'ar';

/**
 * `personal`: the store is one user's. `terminal`: it is the device's; people sign in and out, each command goes up under
 * its author.
 */
export type Sharing = 'personal' | 'terminal';

export interface IndexDeclaration {
  readonly collection: CollectionName;
  readonly fields: readonly string[];
}

export interface SyncSettings {
  /** Waits between tries while the server is out of reach; the last one repeats. */
  readonly backoffMs?: readonly Milliseconds[];
  readonly jitter?: number;
  readonly attentionAfterAttempts?: number;
  /** Polling, when the live stream cannot be had. */
  readonly pullIntervalMs?: Milliseconds;
  readonly requestTimeoutMs?: Milliseconds;
  readonly batchCommandsMax?: number;
  readonly pageLimit?: number;
  readonly pushesInFlightMax?: number;
}

/** One rule of what must not wait in a queue (W5). All that is given has to match. */
export interface Guardrail {
  readonly methods?: readonly Method[];
  /** A path, or its beginning when it ends with `*`: "/payments/*". */
  readonly path?: string;
  /** Family and version of a command: "ORDER_CLOSE_V1". */
  readonly type?: string;
  /** Fields of the payload by path, and the values that make it online-only: {"payment.method": ["CARD"]}. */
  readonly payload?: Readonly<Record<string, readonly JsonValue[]>>;
  /** `allow` ends the search: a narrower rule before a wider one. */
  readonly rule: 'onlineOnly' | 'allow';
}

export interface OutpostOptions {
  /** Of the server: "https://sync.example.com". Paths of requests are appended to it. Default: the page's own origin. */
  readonly url?: string;
  readonly workspace: string;
  /** Author of commands; of a terminal who is signed in, may be empty. */
  readonly user: string;
  readonly token: TokenSource;
  readonly sharing?: Sharing;

  /** What to hold of the server's documents. Default: every collection the user may read. */
  readonly collections?: readonly CollectionName[];
  /** "station:grill": of the `scoped` collections only what has this value in that field. */
  readonly scope?: string;
  readonly scoped?: readonly CollectionName[];
  /** Collections that are not to be on a device's disk, unless `storeSensitive`. */
  readonly sensitive?: readonly CollectionName[];
  readonly storeSensitive?: boolean;
  readonly indexes?: readonly IndexDeclaration[];
  readonly currency?: string;
  /** Of the application; reported to the server. */
  readonly release?: string;

  readonly sync?: SyncSettings;
  /** Live by server-sent events, with polling as the fallback. Default true. */
  readonly live?: boolean;
  /** A notice from here on (default 100), and no further writes beyond (default 100,000). */
  readonly waitingAlert?: number;
  readonly waitingMax?: number;
  readonly historyMs?: Milliseconds;
  readonly historyRowsMax?: number;
  readonly auditMs?: Milliseconds;

  /** Before the built-in rules, which keep authentication, billing, payments, SMS and exports online. */
  readonly guardrails?: readonly Guardrail[];
  /** How long `write` waits for the server's word before it returns the queued value. Default 10 s. */
  readonly writePatienceMs?: Milliseconds;
  /** Default: by the document's `lang`, else English. */
  readonly locale?: Locale;
  /** Ask the browser to keep the storage (default true). */
  readonly persist?: boolean;
  /** `memory`: nothing outlives the last tab; for tests and kiosks. Default: durable where the browser can. */
  readonly storage?: 'durable' | 'memory';
  /** Where the worker's script and the engine's module are; only for bundlers that do not follow `new URL(…)`. */
  readonly worker?: () => Worker;
  readonly engineUrl?: string | URL;
}

// --- writing -------------------------------------------------------------------------------------------------------

export interface ExecuteOptions {
  /** One per logical operation: the second call with it is the first one's repetition. Default: the command's id. */
  readonly key?: IdempotencyKey;
  /** Of a terminal: in whose name. */
  readonly author?: string;
  /** A version, or the version that an earlier command makes. */
  readonly expectedVersion?: number | { readonly after: CommandId };
  readonly dependsOn?: readonly CommandId[];
  /** W3C trace context. */
  readonly traceparent?: string;
  /** Whether a rule's "no" on this device keeps the command out of the queue, or only its effect out of sight. */
  readonly localRefusal?: 'refuse' | 'queueAnyway';
}

/** The command is on disk, and this is how its document looks from now on. */
export interface Accepted<T = JsonObject> {
  readonly id: CommandId;
  readonly n: number;
  readonly key: IdempotencyKey;
  readonly resource?: DocumentKey;
  /** Absent when the device could not predict. */
  readonly optimistic?: T;
}

export type Method = 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * `queue` (default): durable at once, sent when there is a line.
 * `reject`: sent now or not at all; without a line it fails with OFFLINE_UNAVAILABLE.
 * `manual`: sent now; a network failure is thrown as it is (NETWORK_ERROR), and `enqueue` takes the write if wanted.
 */
export type OfflinePolicy = 'queue' | 'reject' | 'manual';

export interface WriteOptions extends Omit<ExecuteOptions, 'localRefusal'> {
  readonly offline?: OfflinePolicy;
  readonly patienceMs?: Milliseconds;
}

export interface WriteRequest extends WriteOptions {
  readonly method: Method;
  /** Of an Outpost server: "/pos/orders". */
  readonly path: string;
  readonly body?: JsonObject;
}

export interface WriteResult<T = JsonObject> {
  /** The server's resource, or the optimistic value while the write is queued. */
  readonly data: T | undefined;
  /** true: it waits in the queue. */
  readonly queued: boolean;
  readonly key: IdempotencyKey;
  /** Of the queued command. */
  readonly id?: CommandId;
  /** HTTP, when the server has answered. */
  readonly status?: number;
  readonly replayed?: boolean;
}

// --- reading -------------------------------------------------------------------------------------------------------

export type Comparison = '=' | '<' | '<=' | '>' | '>=';
export type FieldValue = null | boolean | number | string;

export interface Condition {
  /** A field or a path: "payment.method". */
  readonly field: string;
  /** Default "=". */
  readonly is?: Comparison;
  readonly value: FieldValue;
}

export interface Query {
  readonly collection: CollectionName;
  /** All of them. {status: "SENT"} is short for [{field: "status", value: "SENT"}]. */
  readonly where?: readonly Condition[] | Readonly<Record<string, FieldValue>>;
  readonly orderBy?: string | { readonly field: string; readonly direction?: 'ascending' | 'descending' };
  /** Default: all. */
  readonly limit?: number;
}

/** Something that changes and can be looked at: fits React's useSyncExternalStore as it is. */
export interface Observable<T> {
  /** The same object until it changes. */
  readonly current: T;
  subscribe(listener: () => void): () => void;
}

export type LiveState<T> =
  | { readonly state: 'loading'; readonly documents: readonly VisibleDocument<T>[] }
  | { readonly state: 'ready'; readonly documents: readonly VisibleDocument<T>[] }
  | { readonly state: 'failed'; readonly documents: readonly VisibleDocument<T>[]; readonly error: OutpostErrorLike };

/**
 * The result of a query as it changes: once per execute, per answer and per finished round of a pull, never from within
 * a round. Unchanged documents stay the same objects. Close it when it is no longer shown.
 */
export interface LiveQuery<T = JsonObject> extends Observable<LiveState<T>> {
  /** The first result. */
  readonly ready: Promise<readonly VisibleDocument<T>[]>;
  close(): void;
}

/** A collection on this device, as the server last told it. */
export interface DataSet {
  readonly collection: CollectionName;
  readonly documents: number;
  readonly bytes: number;
  readonly lastRound?: Instant;
  /** Subscribed, and not whole yet. */
  readonly joining: boolean;
}

// --- the queue -----------------------------------------------------------------------------------------------------

/** As stored; being on the way is `inFlight`. */
export type CommandStatus = 'PENDING' | 'SUCCEEDED' | 'FAILED' | 'CONFLICT' | 'BLOCKED' | 'DISCARDING' | 'DISCARDED';

export interface CommandRecord {
  readonly id: CommandId;
  readonly n: number;
  readonly author: string;
  readonly type: string;
  readonly payload: JsonObject;
  readonly key: IdempotencyKey;
  readonly revision: number;
  readonly expectedVersion?: number | { readonly after: CommandId };
  readonly dependsOn: readonly CommandId[];
  readonly replaces?: CommandId;
  readonly status: CommandStatus;
  /** It left this device at least once. */
  readonly sent: boolean;
  /** Its rule would refuse on what is known now; it has no effect and waits for the server's word. */
  readonly doubtful: boolean;
  readonly attempts: number;
  readonly nextAttemptAt?: Instant;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  readonly traceparent?: string;
  readonly resource?: DocumentKey;
  readonly seq?: number;
  /** Of the resource, once applied. */
  readonly resultVersion?: number;
  /** The last error. */
  readonly problem?: Problem;
}

export interface QueueFilter {
  readonly status?: CommandStatus | readonly CommandStatus[];
  /** Commands that are about this document. */
  readonly resource?: DocumentKey;
  readonly limit?: number;
}

/** The queue as it changes. */
export interface LiveQueue extends Observable<readonly CommandRecord[]> {
  readonly ready: Promise<readonly CommandRecord[]>;
  close(): void;
}

/** Problem document of the server (RFC 9457) with its further members. */
export interface Problem {
  readonly type?: string;
  readonly title?: string;
  readonly status?: number;
  readonly detail?: string;
  readonly code: string;
  readonly conflictType?: string;
  readonly currentState?: JsonObject;
  readonly currentVersion?: number;
  readonly diff?: readonly FieldDiff[];
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
  readonly blockedBy?: JsonValue;
}

export interface FieldDiff {
  readonly field: string;
  readonly yours: JsonValue;
  readonly theirs: JsonValue;
}

/** A command the server would not apply over what somebody else did (B5). */
export interface Conflict {
  readonly command: CommandRecord;
  readonly conflictType: string;
  /** What this command wants. */
  readonly mine: JsonObject;
  /** The resource as the server has it. */
  readonly theirs?: JsonObject;
  readonly theirVersion?: number;
  readonly diff: readonly FieldDiff[];
  /** `force` overrides a version conflict only. */
  readonly canForce: boolean;
}

/** What was exchanged and decided (O13). */
export interface AuditRow {
  readonly at: Instant;
  readonly until: Instant;
  readonly times: number;
  readonly kind: string;
  readonly command?: CommandId;
  readonly author: string;
  readonly commands: number;
  readonly changes: number;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly durationMs: Milliseconds;
  readonly traceId: string;
}

// --- status and events ---------------------------------------------------------------------------------------------

export interface StorageStatus {
  readonly kind: 'opfs' | 'memory';
  /** false: what is written lives as long as this tab. Show it. */
  readonly durable: boolean;
  /** The browser's answer to the wish to keep it; undefined: it was not asked or does not say. */
  readonly persisted?: boolean;
  readonly usageBytes?: number;
  readonly quotaBytes?: number;
  /** Why it is not durable. */
  readonly reason?: string;
}

/** `leading`: this tab flushes. `following`: another one does. `stuck`: another one does not answer; `stuckTab` names it. */
export type TabRole = 'opening' | 'leading' | 'following' | 'stuck' | 'closed';

/** A snapshot; a new object whenever something in it changes. */
export interface SyncStatus {
  readonly waiting: number;
  /** Of these, sent and not answered. */
  readonly inFlight: number;
  /** FAILED, CONFLICT and what is BLOCKED behind them. */
  readonly quarantined: number;
  /** The last exchange reached the server. */
  readonly online: boolean;
  /** What the browser says of the line, whether or not the server is there. */
  readonly line: 'up' | 'down';
  /** The live stream is open: changes come without polling. */
  readonly live: boolean;
  /** A round has finished since the start. */
  readonly caughtUp: boolean;
  readonly lastSync?: Instant;
  readonly oldestWaiting?: Instant;
  readonly signInNeeded: boolean;
  /** Not empty: the disk failed; reload the page. */
  readonly storeError: string;
  readonly role: TabRole;
  /** Title and address of the tab that holds the store and does not answer. */
  readonly stuckTab?: string;
  readonly storage: StorageStatus;
  /** An earlier store of this device is gone; also an event. */
  readonly storeLost?: StoreLost;
  readonly device: string;
  readonly incarnation: string;
  /** While a flush goes on: how far it is. */
  readonly progress?: { readonly done: number; readonly of: number };
}

/** Notices of the engine, by name. */
export type NoticeKind =
  | 'flushStarted'
  | 'flushFinished'
  | 'sent'
  | 'retried'
  | 'conflict'
  | 'failed'
  | 'settled'
  | 'needsAttention'
  | 'tooManyWaiting'
  | 'signInNeeded'
  | 'resyncStarted'
  | 'roundFinished'
  | 'documentsChanged'
  | 'deviceCloned'
  | 'discarded'
  | 'alreadyApplied'
  | 'storeBehind'
  | 'offeredAgain'
  | 'leaseTaken'
  | 'leaseLost';

export interface Notice {
  readonly kind: NoticeKind;
  readonly command?: CommandId;
  readonly detail: string;
  /** Of documentsChanged; absent: too many to name. */
  readonly documents?: readonly DocumentKey[];
  readonly traceId?: string;
}

/** A device whose storage was wiped while the server knows of its earlier life (B8). */
export interface StoreLost {
  readonly device: string;
  /** The last number the server has seen of it. */
  readonly highestN: number;
  /** The last number this browser remembers to have given. */
  readonly lastN: number;
  /** Of these, how many the server never saw: gone with the storage. */
  readonly missing: number;
}

export interface EventMap {
  /** Every notice of the engine. */
  notice: Notice;
  /** `status` has changed. */
  status: SyncStatus;
  /** Something in the queue has changed. */
  queue: void;
  storeLost: StoreLost;
  /** Signed out, here or in another tab. */
  loggedOut: { readonly elsewhere: boolean };
}

// --- errors --------------------------------------------------------------------------------------------------------

/** Codes this client makes; every other code is the server's (docs/protocol.md). */
export type ClientErrorCode =
  | 'OFFLINE_UNAVAILABLE' // cannot be done without a line, and was not queued
  | 'NETWORK_ERROR' // no answer that can be trusted
  | 'TIMEOUT'
  | 'INVALID_ARGUMENT'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS' // the key is in use by other content
  | 'REFUSED' // a rule on this device says no
  | 'QUEUE_FULL' // queue limit, quota or disk; nothing already queued is lost
  | 'BUSY'
  | 'STORE_CORRUPT'
  | 'STORE_FAILED'
  | 'STORE_TAKEN' // another tab holds the store and does not answer
  | 'SIGNED_OUT'
  | 'CLOSED'
  | 'UNKNOWN_ROUTE'; // the path has no command: it can only be sent with a line

export interface OutpostErrorLike {
  readonly code: ClientErrorCode | (string & {});
  /** In English, for logs; `messageOf` gives one for people. */
  readonly message: string;
  readonly status?: number;
  readonly problem?: Problem;
  /** The command that was refused; it is in the queue. */
  readonly commandId?: CommandId;
}

// --- the object ----------------------------------------------------------------------------------------------------

export type LogoutOptions =
  /** Fails with REFUSED while something waits. */
  | { readonly waiting?: 'refuse' }
  /** Sends what waits first, up to `patienceMs`; fails with REFUSED, and stays signed in, if something is left. */
  | { readonly waiting: 'sync'; readonly patienceMs?: Milliseconds }
  /** Returns what waits as a file, hands it to `save`, and wipes the store once that has resolved. */
  | { readonly waiting: 'export'; readonly save: (file: string) => void | Promise<void> }
  /** Remember me: everything stays for the next time this user opens the store. */
  | { readonly waiting: 'keep' };

export interface Imported {
  readonly taken: number;
  /** Already here, by id or key. */
  readonly known: number;
}

export interface LegacyImportOptions {
  /** Name of the older IndexedDB database. Default "offline-pos". */
  readonly database?: string;
  /** What becomes of an item; null leaves it out. Default: by its method and URL, or by its action. */
  readonly map?: (item: JsonObject) => WriteRequest | null;
}

export interface LegacyImported extends Imported {
  /** Items that no command could be made of, with the reason; they stay where they are. */
  readonly skipped: readonly { readonly item: JsonObject; readonly reason: string }[];
}

export interface Outpost {
  // Writing. Durable when the promise resolves.
  execute<T = JsonObject>(type: string, payload: JsonObject, options?: ExecuteOptions): Promise<Accepted<T>>;
  write<T = JsonObject>(request: WriteRequest): Promise<WriteResult<T>>;
  post<T = JsonObject>(path: string, body?: JsonObject, options?: WriteOptions): Promise<WriteResult<T>>;
  put<T = JsonObject>(path: string, body?: JsonObject, options?: WriteOptions): Promise<WriteResult<T>>;
  patch<T = JsonObject>(path: string, body?: JsonObject, options?: WriteOptions): Promise<WriteResult<T>>;
  delete<T = JsonObject>(path: string, options?: WriteOptions): Promise<WriteResult<T>>;
  /** Queues a write without trying it: what a caller of `offline: "manual"` does after the network error. */
  enqueue<T = JsonObject>(request: WriteRequest): Promise<WriteResult<T>>;
  /** A ULID, for keys and ids that are needed before the write. */
  newId(): string;
  /** Why this could not be done without a line; undefined: it can wait in the queue. For buttons to be disabled by. */
  onlineOnly(write: { method: Method; path: string; body?: JsonObject } | { type: string; payload: JsonObject }): Guardrail | undefined;

  // Reading what is visible.
  get<T = JsonObject>(key: DocumentKey): Promise<VisibleDocument<T> | undefined>;
  query<T = JsonObject>(query: Query): Promise<readonly VisibleDocument<T>[]>;
  count(query: Query): Promise<number>;
  liveQuery<T = JsonObject>(query: Query): LiveQuery<T>;
  dataSets(): Promise<readonly DataSet[]>;
  subscribe(subscription: {
    readonly collections?: readonly CollectionName[];
    readonly scope?: string;
    readonly scoped?: readonly CollectionName[];
  }): Promise<void>;

  // Where things stand.
  readonly status: SyncStatus;
  readonly statusObservable: Observable<SyncStatus>;
  on<E extends keyof EventMap>(event: E, listener: (detail: EventMap[E]) => void): () => void;
  audit(options?: { readonly command?: CommandId; readonly limit?: number }): Promise<readonly AuditRow[]>;

  // The queue, oldest first, and what people decide (O12). Durable when the promise resolves, kept in the audit trail.
  queue(filter?: QueueFilter): Promise<readonly CommandRecord[]>;
  liveQueue(filter?: QueueFilter): LiveQueue;
  conflicts(): Promise<readonly Conflict[]>;
  syncNow(): Promise<void>;
  /** Resolves when nothing waits any more, or everything left is in quarantine; rejects with TIMEOUT. */
  settled(patienceMs?: Milliseconds): Promise<void>;
  retry(id: CommandId): Promise<void>;
  /** Everything refused or put off. How many. */
  retryAll(): Promise<number>;
  /** "I have seen theirs, mine still holds." */
  latest(id: CommandId): Promise<void>;
  /** Over whatever version is there; only after VERSION_CONFLICT, and the server asks for staff or admin. */
  force(id: CommandId): Promise<void>;
  /** Another command in its place; an absent type is the old one's. */
  edit<T = JsonObject>(id: CommandId, change: { type?: string; payload: JsonObject } & ExecuteOptions): Promise<Accepted<T>>;
  /** What else falls with it. */
  discardPlan(id: CommandId): Promise<readonly CommandRecord[]>;
  /** What fell, itself first. */
  discard(id: CommandId): Promise<readonly CommandId[]>;

  // The queue as a file (B8), and older queues (O15).
  exportQueue(): Promise<string>;
  importQueue(file: string): Promise<Imported>;
  importLegacy(options?: LegacyImportOptions): Promise<LegacyImported>;

  // People.
  /** Of a terminal. */
  signIn(user: string, options?: { readonly mayRead?: readonly CollectionName[]; readonly token?: TokenSource }): Promise<void>;
  logout(options?: LogoutOptions): Promise<void>;
  /** Tells that a new token can be had; the token source is asked for it. */
  tokenChanged(): void;

  // The line. `cut` is for demonstrations and tests: this tab's device behaves as with a pulled cable.
  setLine(line: 'open' | 'cut'): Promise<void>;
  /** Asks the server now whether it is there. */
  probe(): Promise<boolean>;
  askForPersistence(): Promise<StorageStatus>;

  /** This tab lets go; what waits stays and another tab, or the next start, sends it. */
  close(): Promise<void>;
}

export type OpenOutpost = (options: OutpostOptions) => Promise<Outpost>;
