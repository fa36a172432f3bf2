// A command in conflict as the two sides a person chooses between (B5).
import type { CommandRecord, Conflict, JsonObject } from '../api.js';

// A patch wraps what it changes; any other command is what it wants.
function mineOf(command: CommandRecord): JsonObject {
  for (const name of ['patch', 'doc']) {
    const inner = command.payload[name];
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner)) return inner as JsonObject;
  }
  return command.payload;
}

export function conflictsOf(commands: readonly CommandRecord[]): readonly Conflict[] {
  return commands.map((command) => {
    const problem = command.problem;
    const conflictType = problem?.conflictType ?? problem?.code ?? 'CONFLICT';
    return {
      command,
      conflictType,
      mine: mineOf(command),
      ...(problem?.currentState === undefined ? {} : { theirs: problem.currentState }),
      ...(problem?.currentVersion === undefined ? {} : { theirVersion: problem.currentVersion }),
      diff: problem?.diff ?? [],
      canForce: conflictType === 'VERSION_CONFLICT',
    };
  });
}
