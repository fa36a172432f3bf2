// What a tab and its worker say to each other, and what the workers of several tabs say on their channel.
import type { Notice, Query, StoreLost, SyncStatus, VisibleDocument } from '../api.js';
import type { PlacedDocument } from '../engine/operations.js';

/** An operation of the engine (wasm/operations.h), under an id minted in the tab. */
export interface Call {
  readonly id: string;
  readonly text: string;
  readonly attachment?: Uint8Array;
}

export interface CallAnswer {
  readonly id: string;
  /** {"ok": …} or {"error": …}, as the engine wrote it. */
  readonly text: string;
}

/** What this browser remembers of the store outside of it. */
export interface Remembered {
  readonly device: string;
  readonly incarnation: string;
  readonly lastN: number;
}

export interface OpenMessage {
  readonly kind: 'open';
  /** Arguments of the engine's `open`. */
  readonly engine: Readonly<Record<string, unknown>>;
  readonly url: string;
  readonly engineUrl: string;
  readonly store: string;
  readonly durable: boolean;
  readonly live: boolean;
  readonly pollMs: number;
  readonly tab: string;
  /** Title and address, to be named by if it gets stuck. */
  readonly title: string;
  readonly remembered?: Remembered;
  readonly lineUp: boolean;
}

export type ToWorker =
  | OpenMessage
  | { readonly kind: 'calls'; readonly calls: readonly Call[] }
  | { readonly kind: 'watch'; readonly watch: number; readonly query: Query }
  | { readonly kind: 'unwatch'; readonly watch: number }
  | { readonly kind: 'token'; readonly token: string | null }
  | { readonly kind: 'tokenChanged' }
  | { readonly kind: 'line'; readonly up: boolean }
  | { readonly kind: 'cut'; readonly cut: boolean }
  | { readonly kind: 'probe'; readonly probe: number }
  | { readonly kind: 'loggedOut'; readonly wiped: boolean }
  | { readonly kind: 'close' };

/** What the worker knows of a status; the tab adds what only it knows. */
export type WorkerStatus = Omit<SyncStatus, 'storage'> & { readonly storage: { kind: 'opfs' | 'memory'; reason?: string } };

/** Before the store is open. */
export const blankStatus: WorkerStatus = {
  waiting: 0,
  inFlight: 0,
  quarantined: 0,
  online: false,
  line: 'up',
  live: false,
  caughtUp: false,
  signInNeeded: false,
  storeError: '',
  role: 'opening',
  storage: { kind: 'opfs' },
  device: '',
  incarnation: '',
};

export type QueryUpdate =
  | { readonly documents: readonly VisibleDocument[] }
  | { readonly added: readonly PlacedDocument[]; readonly changed: readonly PlacedDocument[]; readonly removed: readonly string[] }
  | { readonly error: { readonly code: string; readonly message: string } };

export type FromWorker =
  | { readonly kind: 'answers'; readonly answers: readonly CallAnswer[] }
  | { readonly kind: 'query'; readonly watch: number; readonly update: QueryUpdate }
  | { readonly kind: 'status'; readonly status: WorkerStatus }
  | { readonly kind: 'notices'; readonly notices: readonly Notice[] }
  | { readonly kind: 'tokenWanted'; readonly why: 'start' | 'expired' }
  | { readonly kind: 'probed'; readonly probe: number; readonly up: boolean }
  | { readonly kind: 'storeLost'; readonly lost: StoreLost }
  | { readonly kind: 'loggedOut' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

/** Between workers. `leader` names one reign: another one begins whenever another worker opens the files. */
export type OnChannel =
  | { readonly kind: 'beat'; readonly leader: string; readonly title: string }
  | { readonly kind: 'whoLeads' }
  | { readonly kind: 'calls'; readonly leader: string; readonly from: string; readonly calls: readonly Call[] }
  | { readonly kind: 'answers'; readonly to: string; readonly answers: readonly CallAnswer[] }
  | { readonly kind: 'watch'; readonly leader: string; readonly from: string; readonly watch: number; readonly query: Query }
  | { readonly kind: 'unwatch'; readonly leader: string; readonly from: string; readonly watch: number }
  | { readonly kind: 'query'; readonly to: string; readonly watch: number; readonly update: QueryUpdate }
  | { readonly kind: 'happened'; readonly leader: string; readonly notices: readonly Notice[]; readonly status: WorkerStatus }
  | { readonly kind: 'storeLost'; readonly lost: StoreLost }
  | { readonly kind: 'line'; readonly up: boolean }
  | { readonly kind: 'cut'; readonly cut: boolean }
  | { readonly kind: 'tokenChanged' }
  | { readonly kind: 'loggedOut'; readonly wiped: boolean }
  | { readonly kind: 'gone'; readonly from: string };
