// The module's size, raw and packed, against its bar.
import { readFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';

const packedMax = 400_000;
const bytes = readFileSync(process.argv[2]);
const packed = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 } }).length;
console.log(`module: ${bytes.length} bytes, ${packed} with brotli, at most ${packedMax}`);
process.exit(packed <= packedMax ? 0 : 1);
