// A value that tells when it changed.
import type { Observable } from '@outpost/client';

export class Signal<T> implements Observable<T> {
  readonly #listeners = new Set<() => void>();
  #current: T;

  constructor(current: T) {
    this.#current = current;
  }

  get current(): T {
    return this.#current;
  }

  set(next: T): void {
    if (next === this.#current) return;
    this.#current = next;
    for (const listener of [...this.#listeners]) listener();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}
