// Documents as they show, and queries over them.
import type { OutpostErrorLike } from './errors.js';
import type { CollectionName, Instant, JsonObject, VisibleDocument } from './values.js';

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
  /** Of the documents' text. */
  readonly bytes: number;
  readonly lastRound?: Instant;
  /** Subscribed, and not whole yet. */
  readonly joining: boolean;
}
