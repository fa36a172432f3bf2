// The queue as it changes: read again when something in it has moved, once at a time.
import type { CommandRecord, LiveQueue } from '../api.js';
import { Signal } from './signal.js';

export class WatchedQueue extends Signal<readonly CommandRecord[]> implements LiveQueue {
  readonly ready: Promise<readonly CommandRecord[]>;
  private readonly off: () => void;
  private reading: Promise<void> | undefined;
  private again = false;
  private closed = false;

  constructor(
    private readonly read: () => Promise<readonly CommandRecord[]>,
    listen: (listener: () => void) => () => void,
  ) {
    super([]);
    this.off = listen(() => this.refresh());
    const first = read().then((commands) => {
      this.set(commands);
      return commands;
    });
    first.catch(() => undefined);
    this.ready = first;
  }

  close(): void {
    this.closed = true;
    this.off();
  }

  private refresh(): void {
    this.again = true;
    this.reading ??= this.readAgain().finally(() => (this.reading = undefined));
  }

  private async readAgain(): Promise<void> {
    while (this.again && !this.closed) {
      this.again = false;
      try {
        this.set(keepSame(this.current, await this.read()));
      } catch {
        return; // the store is gone; its owner has said so
      }
    }
  }
}

function keepSame(before: readonly CommandRecord[], now: readonly CommandRecord[]): readonly CommandRecord[] {
  const known = new Map(before.map((command) => [command.id, command]));
  let same = before.length === now.length;
  const kept = now.map((command, i) => {
    const old = known.get(command.id);
    const unchanged = old !== undefined && old.updatedAt === command.updatedAt && JSON.stringify(old) === JSON.stringify(command);
    same &&= unchanged && before[i] === old;
    return unchanged ? old : command;
  });
  return same ? before : kept;
}
