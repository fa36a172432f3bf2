// Plays every story in WebAssembly and compares what was said and counted with what the native player says, line by line;
// then the stories with crashes, which have to hold (how often the power goes depends on SQLite's release).
//
//   node compare.mjs SCENARIOS.wasm NATIVE_REPORT STORIES
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

const [modulePath, nativePath, folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: node compare.mjs SCENARIOS.wasm NATIVE_REPORT STORIES');
  process.exit(2);
}

const noSystemCall = 52; // WASI: ENOSYS

class Player {
  constructor(module) {
    const imports = {};
    for (const wanted of WebAssembly.Module.imports(module)) {
      const print = wanted.name === 'fd_write' ? this.print.bind(this) : () => noSystemCall;
      (imports[wanted.module] ??= {})[wanted.name] = print;
    }
    this.exports = new WebAssembly.Instance(module, imports).exports;
    this.exports._initialize?.();
  }

  play(name, text, crashes) {
    const report = this.exports.outpost_play(this.place(name), this.place(text), crashes ? 1 : 0) >>> 0;
    const memory = new Uint8Array(this.exports.memory.buffer);
    return new TextDecoder().decode(memory.subarray(report, memory.indexOf(0, report)));
  }

  place(text) {
    const bytes = new TextEncoder().encode(text + '\0');
    const at = this.exports.outpost_allocate(bytes.length) >>> 0;
    new Uint8Array(this.exports.memory.buffer).set(bytes, at);
    return at;
  }

  print(_fd, vectors, count, written) {
    const view = new DataView(this.exports.memory.buffer);
    let bytes = 0;
    for (let i = 0; i < count; ++i) {
      const at = view.getUint32(vectors + i * 8, true);
      const size = view.getUint32(vectors + i * 8 + 4, true);
      process.stderr.write(new Uint8Array(this.exports.memory.buffer, at, size));
      bytes += size;
    }
    view.setUint32(written, bytes, true);
    return 0;
  }
}

const storiesIn = (path) => readdirSync(path).filter((file) => file.endsWith('.jsonl')).sort().map((file) => join(path, file));

const module = new WebAssembly.Module(readFileSync(modulePath));
const native = spawnSync(nativePath, [folder], { encoding: 'utf8', maxBuffer: 1 << 28 });
if (native.status !== 0) {
  console.error(native.stderr);
  process.exit(1);
}
const expected = new Map(native.stdout.split(/^(?=\S)/m).map((report) => [report.slice(0, report.indexOf(':')), report]));

let failed = 0;
const say = (file, what) => {
  failed += 1;
  console.error(`${file}: ${what}`);
};
const stories = storiesIn(folder);
for (const path of stories) {
  const file = basename(path);
  // A fresh module each: no story sees another's memory.
  const report = new Player(module).play(file, readFileSync(path, 'utf8'), false);
  if (!report.startsWith(`${file}: holds\n`)) say(file, report.split('\n')[0]);
  if (report !== expected.get(file)) say(file, `differs\nnative:\n${expected.get(file)}\nWebAssembly:\n${report}`);
}
const crashes = storiesIn(join(folder, 'crashes'));
for (const path of crashes) {
  const report = new Player(module).play(basename(path), readFileSync(path, 'utf8'), true);
  if (!report.includes(': holds\n') || !/ {2}crashes [1-9]/.test(report)) say(basename(path), report);
}
console.log(`${stories.length} stories said the same natively and in WebAssembly, ${crashes.length} held with crashes: ${failed} failed`);
process.exit(failed === 0 && stories.length > 0 ? 0 : 1);
