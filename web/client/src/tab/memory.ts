// What this browser remembers of a store outside of it (B8): should the store be gone one day, the device can still say
// who it was and how far its numbers went.
import type { Remembered } from '../worker/messages.js';

const writeEveryMs = 1_000;

export class StoreMemory {
  private readonly key: string;
  private value: Remembered | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(store: string) {
    this.key = `outpost:${store}`;
  }

  read(): Remembered | undefined {
    try {
      const found = JSON.parse(localStorage.getItem(this.key) ?? 'null') as Partial<Remembered> | null;
      if (typeof found?.device !== 'string' || typeof found.incarnation !== 'string' || typeof found.lastN !== 'number') return undefined;
      return { device: found.device, incarnation: found.incarnation, lastN: found.lastN };
    } catch {
      return undefined;
    }
  }

  opened(device: string, incarnation: string): void {
    if (device === '' || (this.value?.device === device && this.value.incarnation === incarnation)) return;
    const before = this.value ?? this.read();
    const lastN = before?.incarnation === incarnation ? before.lastN : 0;
    this.value = { device, incarnation, lastN };
    this.write();
  }

  gave(n: number): void {
    if (this.value === undefined || n <= this.value.lastN) return;
    this.value = { ...this.value, lastN: n };
    this.timer ??= setTimeout(() => this.write(), writeEveryMs);
  }

  write(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.value === undefined) return;
    try {
      localStorage.setItem(this.key, JSON.stringify(this.value));
    } catch {
      // No memory outside of the store then.
    }
  }

  forget(): void {
    this.value = undefined;
    this.write();
    try {
      localStorage.removeItem(this.key);
    } catch {
      // As above.
    }
  }
}
