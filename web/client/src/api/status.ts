// Where things stand, and what is told as it happens.
import type { CommandId, DocumentKey, Instant } from './values.js';

export interface StorageStatus {
  readonly kind: 'opfs' | 'memory';
  /** false: what is written lives as long as this tab. Show it. */
  readonly durable: boolean;
  /** The browser's answer to the wish to keep it; undefined: it was not asked or does not say. */
  readonly persisted?: boolean;
  /** Of the whole origin, as the browser estimates it. */
  readonly usageBytes?: number;
  readonly quotaBytes?: number;
  /** Why it is not durable. */
  readonly reason?: string;
}

/** `leading`: this tab flushes. `following`: another one does. `stuck`: another one does not answer; `stuckTab` names it. */
export type TabRole = 'opening' | 'leading' | 'following' | 'stuck' | 'closed';

/** A snapshot; a new object whenever something in it changes. */
export interface SyncStatus {
  /** Commands without the server's answer. */
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
  /** When the last round of a pull ended, and since when the oldest waiting command waits. By the device's clock. */
  readonly lastSync?: Instant;
  readonly oldestWaiting?: Instant;
  /** The server takes no token of ours: the queue waits for `tokenChanged`. */
  readonly signInNeeded: boolean;
  /** Not empty: the disk failed; reload the page. */
  readonly storeError: string;
  readonly role: TabRole;
  /** Title and address of the tab that holds the store and does not answer. */
  readonly stuckTab?: string;
  readonly storage: StorageStatus;
  /** An earlier store of this device is gone; also an event. */
  readonly storeLost?: StoreLost;
  /** Of this browser's store, as the server knows it: its name, and which life of it this is. */
  readonly device: string;
  readonly incarnation: string;
  /** While a flush goes on: how far it is. */
  readonly progress?: { readonly done: number; readonly of: number };
}

/** Notices of the engine, by name. */
export type NoticeKind =
  | 'flushStarted' // commands begin to go up
  | 'flushFinished' // nothing is on its way any more
  | 'sent' // a request with commands left; `detail` says how many
  | 'retried' // a command goes up again
  | 'conflict' // a command waits for a person: `conflicts()`
  | 'failed' // a command was refused for good, until somebody retries or edits it
  | 'settled' // a command was applied
  | 'needsAttention' // a command was put off too often; it goes on being tried
  | 'tooManyWaiting' // `waitingAlert` was reached
  | 'signInNeeded' // the server took no token
  | 'resyncStarted' // everything is fetched anew; what waits is kept, and what shows stays until it is replaced
  | 'roundFinished' // a pull has ended: what shows is one moment of the server
  | 'documentsChanged' // by whatever: own commands, answers, pulls
  | 'deviceCloned' // another device has used this one's numbers: this store goes on under a new incarnation
  | 'discarded' // the server will never apply it
  | 'alreadyApplied' // a discard that came too late: a cancelling command can be offered
  | 'storeBehind' // this store was restored from an older copy; it goes on under a new incarnation
  | 'offeredAgain' // the server was restored from an older copy: it gets again what it lost
  | 'leaseTaken' // native devices: this process flushes from now on
  | 'leaseLost'; // native devices: another process does

export interface Notice {
  readonly kind: NoticeKind;
  /** Which command it is about, if it is about one. */
  readonly command?: CommandId;
  /** In English, for logs; often empty. */
  readonly detail: string;
  /** Of documentsChanged; absent: too many to name. */
  readonly documents?: readonly DocumentKey[];
  /** 32 hexadecimal digits, as in the server's logs. */
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
