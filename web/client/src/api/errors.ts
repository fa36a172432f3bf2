// What a promise rejects with.
import type { Problem } from './queue.js';
import type { CommandId } from './values.js';

/** Codes this client makes; every other code is the server's (docs/protocol.md). */
export type ClientErrorCode =
  | 'OFFLINE_UNAVAILABLE' // cannot be done without a line, and was not queued
  | 'NETWORK_ERROR' // no answer that can be trusted
  | 'TIMEOUT' // of `settled`: something still waits
  | 'INVALID_ARGUMENT' // an option, a payload, a query or an unknown command type; nothing was written
  | 'NOT_FOUND' // no such command
  | 'ALREADY_EXISTS' // the key is in use by other content
  | 'REFUSED' // a rule on this device says no
  | 'QUEUE_FULL' // queue limit, quota or disk; nothing already queued is lost
  | 'BUSY' // the store is in use; try again
  | 'STORE_CORRUPT' // the store cannot be read, or a newer release wrote it; it was left as it is
  | 'STORE_FAILED' // the disk, or the engine; what was acknowledged is there when it is opened again
  | 'STORE_TAKEN' // another tab holds the store and does not answer
  | 'SIGNED_OUT' // here or in another tab
  | 'CLOSED' // after `close`
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
