// The write chokepoint (W1–W7): one way for every write of an application, by the REST paths of its server.
//
//   queue    the write's command is durable before anything is sent (O1); it goes out in its place behind its predecessors
//            (W2); the promise gives the server's word if it comes within the patience, else the optimistic value.
//   reject   what may not wait: predecessors are synced first, then it is sent now or not at all.
//   manual   sent now; a network failure is the caller's to handle, who may `enqueue` the same request.
//
// One user action is one key whichever way it goes (W7): the key of the online try is the key of the queued command.
import type {
  Accepted,
  CommandRecord,
  Guardrail,
  JsonObject,
  OfflinePolicy,
  Problem,
  WriteRequest,
  WriteResult,
} from '../api.js';
import { errorOfProblem, OutpostError } from '../errors.js';
import { findGuardrail, type Attempt } from './guardrails.js';
import { sendNow } from './rest.js';
import { commandOf, restBodyOf, type CommandOfWrite } from './routes.js';

export interface WriteHost {
  readonly url: string;
  readonly guardrails: readonly Guardrail[];
  readonly patienceMs: number;
  online(): boolean;
  /** Asks the server now. */
  probe(): Promise<boolean>;
  token(why: 'start' | 'expired'): Promise<string | null>;
  newId(): string;
  execute(type: string, payload: JsonObject, options: WriteRequest): Promise<Accepted>;
  find(id: string): Promise<CommandRecord | null>;
  queue(filter: { status: readonly CommandRecord['status'][] }): Promise<readonly CommandRecord[]>;
  resource(record: CommandRecord): Promise<JsonObject | undefined>;
  /** Resolves when the command's status may have changed, or after that long. */
  changed(withinMs: number): Promise<void>;
  syncNow(): Promise<void>;
}

export class Writes {
  constructor(private readonly host: WriteHost) {}

  onlineOnly(attempt: Attempt): Guardrail | undefined {
    return findGuardrail(this.host.guardrails, attempt);
  }

  async write<T>(request: WriteRequest): Promise<WriteResult<T>> {
    const key = request.key ?? this.host.newId();
    const keyed = { ...request, key };
    const command = commandOf(request.method, request.path, request.body, () => this.host.newId());
    const rule = this.onlineOnly({ ...request, ...attemptOf(command, request.body) });
    const policy: OfflinePolicy = rule !== undefined && request.offline !== 'manual' ? 'reject' : (request.offline ?? 'queue');
    if (policy === 'queue' && command === undefined) {
      throw new OutpostError('UNKNOWN_ROUTE', `${request.method} ${request.path} has no command: send it with offline "reject" or "manual"`);
    }
    if (policy === 'queue') return this.queueAndWait<T>(keyed, key, command as CommandOfWrite);
    return this.sendNow<T>(keyed, key, command, policy);
  }

  async enqueue<T>(request: WriteRequest): Promise<WriteResult<T>> {
    const key = request.key ?? this.host.newId();
    const command = commandOf(request.method, request.path, request.body, () => this.host.newId());
    if (command === undefined) throw new OutpostError('UNKNOWN_ROUTE', `${request.method} ${request.path} has no command`);
    if (this.onlineOnly({ ...request, ...attemptOf(command, request.body) }) !== undefined) throw offlineUnavailable();
    const accepted = await this.host.execute(command.type, command.payload, { ...request, key });
    return { data: accepted.optimistic as T | undefined, queued: true, key, id: accepted.id };
  }

  private async queueAndWait<T>(request: WriteRequest, key: string, command: CommandOfWrite): Promise<WriteResult<T>> {
    const accepted = await this.host.execute(command.type, command.payload, { ...request, key });
    const queued = { data: accepted.optimistic as T | undefined, queued: true, key, id: accepted.id };
    const deadline = Date.now() + (request.patienceMs ?? this.host.patienceMs);
    while (this.host.online() && Date.now() < deadline) {
      const record = await this.host.find(accepted.id);
      if (record === null) return queued;
      if (record.status === 'SUCCEEDED') {
        return { data: (await this.host.resource(record)) as T | undefined, queued: false, key, id: record.id };
      }
      if (record.status !== 'PENDING') throw refusalOf(record);
      await this.host.changed(deadline - Date.now());
    }
    return queued;
  }

  private async sendNow<T>(request: WriteRequest, key: string, command: CommandOfWrite | undefined, policy: OfflinePolicy): Promise<WriteResult<T>> {
    const timeoutMs = request.patienceMs ?? this.host.patienceMs;
    if (policy === 'reject') await this.predecessorsSettled(command, timeoutMs);
    const rest = {
      method: request.method,
      path: request.path,
      body: restBodyOf(request.method, request.path, command, request.body),
      key,
      timeoutMs,
      expectedVersion: typeof request.expectedVersion === 'number' ? request.expectedVersion : undefined,
      traceparent: request.traceparent,
    };
    try {
      const answer = await this.withFreshToken((token) => sendNow<T>(this.host.url, rest, token));
      // The change comes by the next pull like anybody's.
      void this.host.syncNow();
      return { data: answer.data, queued: false, key, status: answer.status, replayed: answer.replayed };
    } catch (error) {
      const noLine = error instanceof OutpostError && error.code === 'NETWORK_ERROR';
      throw noLine && policy === 'reject' ? offlineUnavailable(error.message) : error;
    }
  }

  private async withFreshToken<T>(send: (token: string | null) => Promise<T>): Promise<T> {
    const token = await this.host.token('start');
    try {
      return await send(token);
    } catch (error) {
      const expired = error instanceof OutpostError && error.code === 'UNAUTHENTICATED';
      const renewed = expired ? await this.host.token('expired') : null;
      if (renewed === null || renewed === token) throw error;
      return send(renewed);
    }
  }

  // W2: what this builds on goes first. It cannot be queued behind it, so it waits for it.
  private async predecessorsSettled(command: CommandOfWrite | undefined, patienceMs: number): Promise<void> {
    const about = command?.resource;
    if (about === undefined) return;
    const deadline = Date.now() + patienceMs;
    let asked = false;
    for (;;) {
      const changed = this.host.changed(deadline - Date.now()); // heard from before looking
      const waiting = await this.host.queue({ status: ['PENDING'] });
      const before = waiting.some((one) => one.resource?.collection === about.collection && one.resource.id === about.id);
      if (!before) return;
      // What the status says may be of a moment ago.
      const reached = this.host.online() || (await this.host.probe());
      if (!reached || Date.now() >= deadline) throw offlineUnavailable('earlier changes of it have not arrived yet');
      if (!asked) await this.host.syncNow();
      asked = true;
      await changed;
    }
  }
}

function attemptOf(command: CommandOfWrite | undefined, body: JsonObject | undefined): Pick<Attempt, 'type' | 'payload'> {
  if (command !== undefined) return { type: command.type, payload: command.payload };
  return body === undefined ? {} : { payload: body };
}

function offlineUnavailable(why = 'this cannot be done without a line'): OutpostError {
  return new OutpostError('OFFLINE_UNAVAILABLE', why);
}

function refusalOf(record: CommandRecord): OutpostError {
  const unknown: Problem = { code: record.status, detail: `the command is ${record.status}` };
  return errorOfProblem(record.problem ?? unknown, record.problem?.status, record.id);
}
