// Commands and writes by path: what they take, and what they resolve with.
import type { CommandId, DocumentKey, IdempotencyKey, JsonObject, Milliseconds } from './values.js';

export interface ExecuteOptions {
  /** One per logical operation: the second call with it is the first one's repetition. Default: the command's id. */
  readonly key?: IdempotencyKey;
  /** Of a terminal: in whose name. */
  readonly author?: string;
  /** A version, or the version that an earlier command makes. */
  readonly expectedVersion?: number | { readonly after: CommandId };
  /** Commands that have to succeed first, beside those that follow from the documents. */
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
  /** How long to wait for the server's word; default: `writePatienceMs`. */
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
  /** The server had done this very write before, and gave its first answer again. */
  readonly replayed?: boolean;
}
