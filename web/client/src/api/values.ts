// Identifiers and values that everything else speaks of.

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
