// What the fake knows of commands: which are open, what they are about, and how a refused one reads as a conflict.
import type { CommandRecord, CommandStatus, Conflict, JsonObject, SyncStatus } from '@outpost/client';

export const openStatuses: ReadonlySet<CommandStatus> = new Set<CommandStatus>(['PENDING', 'BLOCKED', 'CONFLICT', 'FAILED', 'DISCARDING']);
export const quarantine: ReadonlySet<CommandStatus> = new Set<CommandStatus>(['FAILED', 'CONFLICT', 'BLOCKED']);

export const startStatus: SyncStatus = {
  waiting: 0, inFlight: 0, quarantined: 0, online: true, line: 'up', live: true, caughtUp: true, signInNeeded: false, storeError: '',
  role: 'leading', storage: { kind: 'opfs', durable: true, persisted: true }, device: '01K8FAKEDEVICE0000000K7Q2M', incarnation: '1',
};

export function resourceOf(type: string, payload: JsonObject, id: string): Pick<CommandRecord, 'resource'> {
  const collection = type.startsWith('TICKET') ? 'tickets' : type.startsWith('ORDER') ? 'orders' : (payload['collection'] as string | undefined);
  return collection === undefined ? {} : { resource: { collection, id: (payload['id'] ?? id) as string } };
}

export function conflictOf(command: CommandRecord): Conflict {
  const { problem } = command;
  const conflictType = problem?.conflictType ?? 'VERSION_CONFLICT';
  return {
    command, conflictType, mine: command.payload, diff: problem?.diff ?? [], canForce: conflictType === 'VERSION_CONFLICT',
    ...(problem?.currentState && { theirs: problem.currentState }),
    ...(problem?.currentVersion !== undefined && { theirVersion: problem.currentVersion }),
  };
}
