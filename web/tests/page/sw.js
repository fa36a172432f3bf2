import { installShell } from '/client/service_worker.js';

const script = (path) => `/client/${path}.js`;
installShell({
  version: 'test-1',
  files: ['/', '/client/outpost.wasm', ...['index', 'errors', 'messages', 'ulid'].map(script)],
  networkMs: 500,
});
