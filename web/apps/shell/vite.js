// The Vite settings of an application under /apps/<name>/: where it goes, and its service worker.
//
// The page and the worker script are built together; the list of files the worker keeps is put into it at the end, so it
// names exactly what this build made.
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';

const placeholder = '__OUTPOST_SHELL__';

/** @param {string} base */
function shellFiles(base) {
  return {
    name: 'outpost-shell-files',
    enforce: /** @type {const} */ ('post'),
    generateBundle: {
      order: /** @type {const} */ ('post'),
      /** @param {unknown} _options @param {Record<string, { type: string, code?: string, source?: string | Uint8Array }>} bundle */
      handler(_options, bundle) {
        const worker = bundle['sw.js'];
        if (worker === undefined || worker.code === undefined) return;
        const names = Object.keys(bundle).filter((name) => name !== 'sw.js' && name !== 'index.html' && !name.endsWith('.map')).sort();
        const page = base.replace(/\/$/, '');
        const hash = createHash('sha256').update(names.join('\n')).update(String(bundle['index.html']?.source ?? '')).digest('hex');
        const shell = { version: hash.slice(0, 16), page, files: [page, ...names.map((name) => base + name)] };
        if (!worker.code.includes(placeholder)) throw new Error(`sw.ts does not name ${placeholder}`);
        worker.code = worker.code.replace(placeholder, () => JSON.stringify(shell));
      },
    },
  };
}

/** @param {string} name */
export function appConfig(name, { worker = true } = {}) {
  const base = `/apps/${name}/`;
  const root = fileURLToPath(new URL(`../${name}/`, import.meta.url));
  const input = { index: `${root}index.html`, ...(worker ? { sw: `${root}src/sw.ts` } : {}) };
  return {
    root,
    base,
    plugins: [react(), shellFiles(base)],
    worker: { format: /** @type {const} */ ('es') },
    build: {
      outDir: fileURLToPath(new URL(`../../../build/apps/${name}`, import.meta.url)),
      emptyOutDir: true,
      target: 'es2022',
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rollupOptions: {
        input,
        output: { entryFileNames: (/** @type {{ name: string }} */ chunk) => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js') },
      },
    },
  };
}
