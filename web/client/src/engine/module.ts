// Loads the engine's bare module and talks to it: the whole of what a JavaScript host has to give it. Serves workers and
// Node alike. The module imports file functions of ours (wasm/imported_storage.cc) and a few of its C library, of which
// only the one that prints is ever called.
import { packFrame, unpackFrame, type EngineCall } from './frame.js';
import type { StoreFiles } from './store_files.js';

interface Exports {
  readonly memory: WebAssembly.Memory;
  _initialize?(): void;
  outpost_allocate(bytes: number): number;
  outpost_perform(frame: number, nowMs: number): number;
}

const failed = -1;
const full = -2;
const noSystemCall = 52; // WASI: ENOSYS

/** The module trapped: a bug. Nothing can be asked of it any more. */
export class EngineCrash extends Error {
  override readonly name = 'EngineCrash';
}

function isQuota(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'QuotaExceededError';
}

export class EngineModule {
  private readonly exports: Exports;
  private printed = '';

  private constructor(
    module: WebAssembly.Module,
    private readonly store: StoreFiles,
  ) {
    const instance = new WebAssembly.Instance(module, this.imports(module));
    this.exports = instance.exports as unknown as Exports;
    this.exports._initialize?.();
  }

  static start(module: WebAssembly.Module, store: StoreFiles): EngineModule {
    return new EngineModule(module, store);
  }

  /** One group: durable together before it returns. A text per call, and last what is to be done (wasm/session.h). */
  perform(calls: readonly EngineCall[], nowMs: number): string[] {
    const frame = packFrame(calls);
    try {
      const at = this.exports.outpost_allocate(frame.bytes);
      if (at === 0) throw new Error('out of memory');
      frame.copyTo(this.memory(), at);
      const answer = this.exports.outpost_perform(at, nowMs) >>> 0;
      return unpackFrame(this.memory(), answer);
    } catch (error) {
      throw new EngineCrash(`the engine stopped: ${String(error)} ${this.printed}`.trim());
    }
  }

  memoryBytes(): number {
    return this.exports.memory.buffer.byteLength;
  }

  // Anew each time: growing replaces the buffer.
  private memory(): Uint8Array {
    return new Uint8Array(this.exports.memory.buffer);
  }

  private imports(module: WebAssembly.Module): WebAssembly.Imports {
    const files = this.fileFunctions();
    const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
    for (const wanted of WebAssembly.Module.imports(module)) {
      const ours = files[wanted.name] ?? (wanted.name === 'fd_write' ? this.print.bind(this) : () => noSystemCall);
      (imports[wanted.module] ??= {})[wanted.name] = ours;
    }
    return imports;
  }

  private fileFunctions(): Record<string, (...args: number[]) => number> {
    // Whatever a handle throws becomes a code: nothing may be thrown through the module.
    const guarded =
      (body: (...args: number[]) => number) =>
      (...args: number[]): number => {
        try {
          return body(...args);
        } catch (error) {
          return isQuota(error) ? full : failed;
        }
      };
    const file = (index: number | undefined) => this.store.files[index as 0 | 1 | 2];
    const span = (at: number, bytes: number) => this.memory().subarray(at >>> 0, (at >>> 0) + bytes);
    return {
      outpost_file_read: guarded((index, at, into, bytes) => file(index).read(span(into ?? 0, bytes ?? 0), { at: at ?? 0 })),
      outpost_file_write: guarded((index, at, from, bytes) => {
        const written = file(index).write(span(from ?? 0, bytes ?? 0), { at: at ?? 0 });
        return written === bytes ? 0 : full;
      }),
      outpost_file_truncate: guarded((index, size) => {
        file(index).truncate(size ?? 0);
        return 0;
      }),
      outpost_file_flush: guarded((index) => {
        file(index).flush();
        return 0;
      }),
      outpost_file_size: guarded((index) => file(index).getSize()),
    };
  }

  // fd_write of WASI: what an assertion says before it stops the program.
  private print(_fd: number, vectors: number, count: number, written: number): number {
    const view = new DataView(this.exports.memory.buffer);
    let bytes = 0;
    for (let i = 0; i < count; ++i) {
      const at = view.getUint32(vectors + i * 8, true);
      const size = view.getUint32(vectors + i * 8 + 4, true);
      this.printed = (this.printed + new TextDecoder().decode(this.memory().subarray(at, at + size))).slice(-2000);
      bytes += size;
    }
    view.setUint32(written, bytes, true);
    return 0;
  }
}
