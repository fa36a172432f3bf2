// What openOutpost takes.
import type { CollectionName, JsonValue, Milliseconds } from './values.js';
import type { Method } from './writing.js';

/** A token, or where to get one: called at the start, and again when the server no longer takes the last one. */
export type TokenSource = string | ((why: 'start' | 'expired') => string | null | Promise<string | null>);

export type Locale = 'en' | 'fa' | 'ar';

/**
 * `personal`: the store is one user's. `terminal`: it is the device's; people sign in and out, each command goes up under
 * its author.
 */
export type Sharing = 'personal' | 'terminal';

/** Makes queries that compare with these fields fast, in their order; `orderBy` may be the last of them. */
export interface IndexDeclaration {
  readonly collection: CollectionName;
  readonly fields: readonly string[];
}

export interface SyncSettings {
  /** Waits between tries while the server is out of reach; the last one repeats. Default 0, 5, 15, 45, 120 s. */
  readonly backoffMs?: readonly Milliseconds[];
  /** Each wait is scaled by 1 ± this: from 0, below 1. Default 0.2. */
  readonly jitter?: number;
  /** A command put off that often by the server is told as `needsAttention`; it goes on being tried. Default 10. */
  readonly attentionAfterAttempts?: number;
  /** Polling, when the live stream cannot be had. Default 5 s. */
  readonly pullIntervalMs?: Milliseconds;
  /** Of one request. Default 30 s. */
  readonly requestTimeoutMs?: Milliseconds;
  /** Commands of one request, at most 1,000. Default 500. */
  readonly batchCommandsMax?: number;
  /** Documents of one page of a pull, at most 10,000. Default 2,000. */
  readonly pageLimit?: number;
  /** Requests with commands that may be under way at once. Default 3. */
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
  /** The tenant, as in the token. 1 to 128 of A-Z a-z 0-9 _ . : - */
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
  /** May be changed at any start: the store follows. */
  readonly indexes?: readonly IndexDeclaration[];
  /** ISO 4217, of the workspace. Default EUR. */
  readonly currency?: string;
  /** Of the application; reported to the server. */
  readonly release?: string;

  readonly sync?: SyncSettings;
  /** Live by server-sent events, with polling as the fallback. Default true. */
  readonly live?: boolean;
  /** A notice from here on (default 100), and no further writes beyond (default 100,000). */
  readonly waitingAlert?: number;
  readonly waitingMax?: number;
  /** How long settled commands are kept (default 7 days), and how many (default 10,000). What waits is kept for ever. */
  readonly historyMs?: Milliseconds;
  readonly historyRowsMax?: number;
  /** How long the audit trail is kept. Default 30 days. */
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
