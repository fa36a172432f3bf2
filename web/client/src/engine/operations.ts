// What the engine answers beside the operations' own values (wasm/to_json.cc).
import type { Notice, VisibleDocument } from '../api.js';

export interface PlacedDocument extends VisibleDocument {
  /** Its place in the new result. */
  readonly at: number;
}

export interface SendEffect {
  readonly effect: 'send';
  readonly exchange: number;
  readonly timeoutMs: number;
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface QueryChangedEffect {
  readonly effect: 'queryChanged';
  readonly query: number;
  readonly added: readonly PlacedDocument[];
  readonly changed: readonly PlacedDocument[];
  readonly removed: readonly string[];
}

export type Effect =
  | SendEffect
  | { readonly effect: 'wakeAt'; readonly at: number }
  | ({ readonly effect: 'notice' } & Notice)
  | QueryChangedEffect;

export interface EngineStatus {
  readonly waiting: number;
  readonly inFlight: number;
  readonly quarantined: number;
  readonly online: boolean;
  readonly caughtUp: boolean;
  readonly lastSync?: string;
  readonly oldestWaiting?: string;
  readonly storeError: string;
}

/** The last text of a group. */
export interface Conclusion {
  readonly effects: readonly Effect[];
  readonly status?: EngineStatus;
  readonly incarnation?: string;
}

export type Answer<T = unknown> = { readonly ok: T } | { readonly error: { readonly code: string; readonly message: string } };
