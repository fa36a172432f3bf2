// Frames across the module's border (wasm/exports.cc): numbers are u32, little endian.
//   in   count, then per operation text bytes and attachment bytes, then all texts and attachments in turn
//   out  count, then per text its bytes, then all texts in turn

export interface EngineCall {
  /** The operation, as JSON. */
  readonly text: string;
  readonly attachment?: Uint8Array;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export interface PackedFrame {
  readonly bytes: number;
  copyTo(memory: Uint8Array, at: number): void;
}

export function packFrame(calls: readonly EngineCall[]): PackedFrame {
  const texts = calls.map((call) => encoder.encode(call.text));
  const headBytes = 4 + calls.length * 8;
  const bodyBytes = calls.reduce((sum, call, i) => sum + (texts[i]?.length ?? 0) + (call.attachment?.length ?? 0), 0);
  return {
    bytes: headBytes + bodyBytes,
    copyTo(memory, at) {
      const head = new DataView(memory.buffer, memory.byteOffset + at, headBytes);
      head.setUint32(0, calls.length, true);
      let offset = at + headBytes;
      calls.forEach((call, i) => {
        const text = texts[i] ?? new Uint8Array();
        head.setUint32(4 + i * 8, text.length, true);
        head.setUint32(8 + i * 8, call.attachment?.length ?? 0, true);
        memory.set(text, offset);
        offset += text.length;
        if (call.attachment !== undefined) memory.set(call.attachment, offset);
        offset += call.attachment?.length ?? 0;
      });
    },
  };
}

export function unpackFrame(memory: Uint8Array, at: number): string[] {
  const view = new DataView(memory.buffer, memory.byteOffset + at);
  const count = view.getUint32(0, true);
  const texts: string[] = [];
  let offset = at + 4 + count * 4;
  for (let i = 0; i < count; ++i) {
    const bytes = view.getUint32(4 + i * 4, true);
    texts.push(decoder.decode(memory.subarray(offset, offset + bytes)));
    offset += bytes;
  }
  return texts;
}
