// The open commands of the queue by the document they are about: one subscription to the queue for any number of badges.
// A document's list stays the same object until something in it changes, so that only its badge is drawn again.
import type { CommandRecord, CommandStatus, DocumentKey, Observable, Outpost } from '@outpost/client';
import { Lazy } from './lazy.js';

export const openStatuses: readonly CommandStatus[] = ['PENDING', 'FAILED', 'CONFLICT', 'BLOCKED', 'DISCARDING'];

export const noCommands: readonly CommandRecord[] = [];

const nameOf = (key: DocumentKey): string => `${key.collection}/${key.id}`;

export class CommandIndex {
  readonly #queue: Lazy<readonly CommandRecord[]>;
  #seen: readonly CommandRecord[] = noCommands;
  #byDocument = new Map<string, readonly CommandRecord[]>();

  constructor(outpost: Outpost) {
    this.#queue = new Lazy(() => outpost.liveQueue({ status: openStatuses }), noCommands);
  }

  get open(): Observable<readonly CommandRecord[]> {
    return this.#queue;
  }

  of(key: DocumentKey): readonly CommandRecord[] {
    if (this.#queue.current !== this.#seen) this.#build(this.#queue.current);
    return this.#byDocument.get(nameOf(key)) ?? noCommands;
  }

  #build(queue: readonly CommandRecord[]): void {
    const next = new Map<string, CommandRecord[]>();
    for (const command of queue) {
      if (command.resource === undefined) continue;
      const name = nameOf(command.resource);
      const list = next.get(name);
      if (list === undefined) next.set(name, [command]);
      else list.push(command);
    }
    const before = this.#byDocument;
    this.#byDocument = new Map([...next].map(([name, list]) => [name, same(before.get(name), list)]));
    this.#seen = queue;
  }
}

function same(before: readonly CommandRecord[] | undefined, now: readonly CommandRecord[]): readonly CommandRecord[] {
  const unchanged = before !== undefined && before.length === now.length && before.every((command, i) => command === now[i]);
  return unchanged ? before : now;
}
