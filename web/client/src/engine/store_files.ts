// The three files of a store, as the module asks for them (wasm/storage.h): opened once, read and written synchronously.

/** What SQLite needs of a file; a FileSystemSyncAccessHandle is one. */
export interface StoreFile {
  read(into: Uint8Array, options: { at: number }): number;
  write(bytes: Uint8Array, options: { at: number }): number;
  truncate(size: number): void;
  flush(): void;
  getSize(): number;
  close(): void;
}

export interface StoreFiles {
  readonly kind: 'opfs' | 'memory';
  /** Why it is memory. */
  readonly reason?: string;
  /** In the order of wasm/storage.h: main, journal, log. */
  readonly files: readonly [StoreFile, StoreFile, StoreFile];
  close(): void;
}

/** Bytes in memory, in blocks, so that growing copies little. */
export class MemoryFile implements StoreFile {
  private static readonly blockBytes = 1 << 16;
  private readonly blocks: Uint8Array[] = [];
  private size = 0;

  read(into: Uint8Array, options: { at: number }): number {
    const end = Math.min(this.size, options.at + into.length);
    for (let at = options.at; at < end; ) {
      const [block, from] = this.blockAt(at);
      const some = Math.min(end - at, MemoryFile.blockBytes - from);
      into.set(block.subarray(from, from + some), at - options.at);
      at += some;
    }
    return Math.max(0, end - options.at);
  }

  write(bytes: Uint8Array, options: { at: number }): number {
    for (let done = 0; done < bytes.length; ) {
      const [block, from] = this.blockAt(options.at + done);
      const some = Math.min(bytes.length - done, MemoryFile.blockBytes - from);
      block.set(bytes.subarray(done, done + some), from);
      done += some;
    }
    this.size = Math.max(this.size, options.at + bytes.length);
    return bytes.length;
  }

  truncate(size: number): void {
    const keep = Math.ceil(size / MemoryFile.blockBytes);
    this.blocks.length = Math.min(this.blocks.length, keep);
    this.blocks[keep - 1]?.fill(0, size - (keep - 1) * MemoryFile.blockBytes);
    this.size = size;
  }

  flush(): void {}
  getSize(): number {
    return this.size;
  }
  close(): void {}

  private blockAt(offset: number): [Uint8Array, number] {
    const index = Math.floor(offset / MemoryFile.blockBytes);
    while (this.blocks.length <= index) this.blocks.push(new Uint8Array(MemoryFile.blockBytes));
    return [this.blocks[index] as Uint8Array, offset - index * MemoryFile.blockBytes];
  }
}

export function memoryFiles(reason?: string): StoreFiles {
  return {
    kind: 'memory',
    ...(reason === undefined ? {} : { reason }),
    files: [new MemoryFile(), new MemoryFile(), new MemoryFile()],
    close() {},
  };
}
