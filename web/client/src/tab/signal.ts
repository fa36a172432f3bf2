// A value that changes, and those who want to know.
import type { Observable } from '../api.js';

export class Signal<T> implements Observable<T> {
  private readonly listeners = new Set<() => void>();

  constructor(private value: T) {}

  get current(): T {
    return this.value;
  }

  set(value: T): void {
    if (Object.is(value, this.value)) return;
    this.value = value;
    for (const listener of [...this.listeners]) listener();
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }
}

/** Typed events. A listener that throws does not keep the others from hearing. */
export class Events<Map extends object> {
  private readonly listeners: { [E in keyof Map]?: Set<(detail: Map[E]) => void> } = {};

  on<E extends keyof Map>(event: E, listener: (detail: Map[E]) => void): () => void {
    const all = (this.listeners[event] ??= new Set());
    all.add(listener);
    return () => {
      all.delete(listener);
    };
  }

  emit<E extends keyof Map>(event: E, detail: Map[E]): void {
    for (const listener of [...(this.listeners[event] ?? [])]) {
      try {
        listener(detail);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
