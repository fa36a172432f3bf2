// Something observable that is opened with its first subscriber and closed with its last: what React's
// useSyncExternalStore needs, also in strict mode, where it subscribes twice.
import type { Observable } from '@outpost/client';

export interface Source<T> extends Observable<T> {
  close(): void;
}

export class Lazy<T> implements Observable<T> {
  readonly #open: () => Source<T>;
  readonly #listeners = new Set<() => void>();
  #source: Source<T> | undefined;
  #unsubscribe: (() => void) | undefined;
  #last: T;

  constructor(open: () => Source<T>, before: T) {
    this.#open = open;
    this.#last = before;
  }

  get current(): T {
    return this.#last;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#start();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stop();
    };
  };

  #start(): void {
    const source = this.#open();
    this.#source = source;
    this.#last = source.current;
    this.#unsubscribe = source.subscribe(() => {
      this.#last = source.current;
      for (const listener of [...this.#listeners]) listener();
    });
  }

  #stop(): void {
    this.#unsubscribe?.();
    this.#source?.close();
    this.#source = undefined;
    this.#unsubscribe = undefined;
  }
}
