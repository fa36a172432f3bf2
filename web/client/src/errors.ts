// Errors as the application sees them. One class: what differs is the code.
import type { ClientErrorCode, CommandId, OutpostErrorLike, Problem } from './api.js';

export interface ErrorDetails {
  readonly status?: number | undefined;
  readonly problem?: Problem | undefined;
  readonly commandId?: CommandId | undefined;
}

export class OutpostError extends Error implements OutpostErrorLike {
  override readonly name = 'OutpostError';
  readonly code: string;
  readonly status?: number;
  readonly problem?: Problem;
  readonly commandId?: CommandId;

  constructor(code: ClientErrorCode | (string & {}), message: string, details: ErrorDetails = {}) {
    super(message);
    this.code = code;
    if (details.status !== undefined) this.status = details.status;
    if (details.problem !== undefined) this.problem = details.problem;
    if (details.commandId !== undefined) this.commandId = details.commandId;
  }
}

/** What the server said of a request it refused. */
export function errorOfProblem(problem: Problem, status: number | undefined, commandId?: CommandId): OutpostError {
  const text = problem.detail ?? problem.title ?? problem.code;
  return new OutpostError(problem.code, text, { status: status ?? problem.status, problem, commandId });
}

/** A rule's refusal on this device says which of the server's codes it would be: "INVALID_STATE_TRANSITION: …". */
export function errorOfEngine(code: string, message: string): OutpostError {
  const named = code === 'REFUSED' || code === 'INVALID_ARGUMENT' ? /(?:^|: )([A-Z][A-Z_]{3,}): (.*)$/s.exec(message) : null;
  if (named === null) return new OutpostError(code, message);
  return new OutpostError(code, message, { problem: { code: named[1] ?? code, detail: named[2] ?? message } });
}
