// The queue and its history: commands, conflicts, and the audit trail.
import type { Observable } from './reading.js';
import type { CommandId, DocumentKey, IdempotencyKey, Instant, JsonObject, JsonValue, Milliseconds } from './values.js';

/**
 * PENDING waits for the line, its predecessors or an answer. FAILED and CONFLICT were refused, BLOCKED waits behind one
 * that was: all three are kept until somebody decides. DISCARDING waits for the server to confirm that it never will.
 */
export type CommandStatus = 'PENDING' | 'SUCCEEDED' | 'FAILED' | 'CONFLICT' | 'BLOCKED' | 'DISCARDING' | 'DISCARDED';

export interface CommandRecord {
  readonly id: CommandId;
  /** Its number on this device: 1, 2, 3 … within one incarnation, without gaps. */
  readonly n: number;
  /** The user in whose name it goes up. */
  readonly author: string;
  /** "ORDER_CREATE_V1". */
  readonly type: string;
  readonly payload: JsonObject;
  readonly key: IdempotencyKey;
  /** Raised by every retry after a refusal. */
  readonly revision: number;
  readonly expectedVersion?: number | { readonly after: CommandId };
  readonly dependsOn: readonly CommandId[];
  /** The command that an edit put this one in the place of. */
  readonly replaces?: CommandId;
  readonly status: CommandStatus;
  /** It left this device at least once. */
  readonly sent: boolean;
  /** Its rule would refuse on what is known now; it has no effect and waits for the server's word. */
  readonly doubtful: boolean;
  /** Put off by the server that often; being offline does not count. */
  readonly attempts: number;
  readonly nextAttemptAt?: Instant;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  readonly traceparent?: string;
  /** What it is about. */
  readonly resource?: DocumentKey;
  /** Its place in the server's order, once applied. */
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

/** What was exchanged and decided (O13). What repeats without news is one row, from `at` to `until`. */
export interface AuditRow {
  readonly at: Instant;
  readonly until: Instant;
  readonly times: number;
  /** "push", "pull", or what happened to a command or was decided about it. */
  readonly kind: string;
  readonly command?: CommandId;
  readonly author: string;
  /** How many commands went up, and how many documents came down. */
  readonly commands: number;
  readonly changes: number;
  /** HTTP; 0: no answer. */
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly durationMs: Milliseconds;
  readonly traceId: string;
}
