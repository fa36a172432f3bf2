// The object of a tab, and what its end, its files and its imports take.
import type { Guardrail, OutpostOptions, TokenSource } from './options.js';
import type { AuditRow, CommandRecord, Conflict, LiveQueue, QueueFilter } from './queue.js';
import type { DataSet, LiveQuery, Observable, Query } from './reading.js';
import type { EventMap, StorageStatus, SyncStatus } from './status.js';
import type { CollectionName, CommandId, DocumentKey, JsonObject, Milliseconds, VisibleDocument } from './values.js';
import type { Accepted, ExecuteOptions, Method, WriteOptions, WriteRequest, WriteResult } from './writing.js';

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
  /**
   * A command, by its type. Rejects with REFUSED (a rule on this device says no; `problem.code` is what the server would
   * say), QUEUE_FULL, ALREADY_EXISTS or INVALID_ARGUMENT, and then nothing was written.
   */
  execute<T = JsonObject>(type: string, payload: JsonObject, options?: ExecuteOptions): Promise<Accepted<T>>;
  /**
   * A write by path. Resolves with the server's word when it comes within `patienceMs`, else with the queued value.
   * Rejects with the server's code and status when it refuses; with UNKNOWN_ROUTE for a path that has no command.
   */
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
  /** undefined: not here, deleted, or out of scope. */
  get<T = JsonObject>(key: DocumentKey): Promise<VisibleDocument<T> | undefined>;
  query<T = JsonObject>(query: Query): Promise<readonly VisibleDocument<T>[]>;
  count(query: Query): Promise<number>;
  /** Loads at once, and follows until it is closed. */
  liveQuery<T = JsonObject>(query: Query): LiveQuery<T>;
  dataSets(): Promise<readonly DataSet[]>;
  /** What to hold from now on: what is added is fetched alone and joins, what is dropped is removed. */
  subscribe(subscription: {
    readonly collections?: readonly CollectionName[];
    readonly scope?: string;
    readonly scoped?: readonly CollectionName[];
  }): Promise<void>;

  // Where things stand.
  readonly status: SyncStatus;
  readonly statusObservable: Observable<SyncStatus>;
  /** Returns what ends it. */
  on<E extends keyof EventMap>(event: E, listener: (detail: EventMap[E]) => void): () => void;
  audit(options?: { readonly command?: CommandId; readonly limit?: number }): Promise<readonly AuditRow[]>;

  // The queue, oldest first, and what people decide (O12). Durable when the promise resolves, kept in the audit trail.
  queue(filter?: QueueFilter): Promise<readonly CommandRecord[]>;
  liveQueue(filter?: QueueFilter): LiveQueue;
  conflicts(): Promise<readonly Conflict[]>;
  /** Sends and pulls now, whatever the backoff says. */
  syncNow(): Promise<void>;
  /** Resolves when nothing waits any more, or everything left is in quarantine; rejects with TIMEOUT. */
  settled(patienceMs?: Milliseconds): Promise<void>;
  /** Again as it is: after a refusal with a higher revision, else before its time. NOT_FOUND or INVALID_ARGUMENT if it cannot be. */
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
  /** Everything that waits or is set aside, as text. */
  exportQueue(): Promise<string>;
  importQueue(file: string): Promise<Imported>;
  importLegacy(options?: LegacyImportOptions): Promise<LegacyImported>;

  // People.
  /** Of a terminal. */
  signIn(user: string, options?: { readonly mayRead?: readonly CollectionName[]; readonly token?: TokenSource }): Promise<void>;
  /** Rejects with REFUSED while work waits and the options do not say what becomes of it. */
  logout(options?: LogoutOptions): Promise<void>;
  /** Tells that a new token can be had; the token source is asked for it. */
  tokenChanged(): void;

  // The line. `cut` is for demonstrations and tests: this tab's device behaves as with a pulled cable.
  setLine(line: 'open' | 'cut'): Promise<void>;
  /** Asks the server now whether it is there. */
  probe(): Promise<boolean>;
  /** Asks the browser again to keep the storage; some grant it only after a person has done something. */
  askForPersistence(): Promise<StorageStatus>;

  /** This tab lets go; what waits stays and another tab, or the next start, sends it. */
  close(): Promise<void>;
}

export type OpenOutpost = (options: OutpostOptions) => Promise<Outpost>;
