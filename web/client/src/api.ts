// The public API of @outpost/client: everything an application sees. Types only; openOutpost in index.ts gives the
// object. Names are those of the C++ engine (engine/device/device.h) in camelCase. A file a subject, in api/.
//
// What it promises:
//   Visible = base + pending. Reads show the server's documents with this device's waiting commands applied.
//   Durable before said. A promise of `execute` or of a queued write resolves after the commit to disk, never before;
//     where the browser gives no durable storage, `status.storage.durable` says so.
//   Once. A call carries an id minted in the tab; it is executed once, however often the tab had to send it again.
//   Any number of tabs may be open on one store. One of them leads; which one is nobody's concern.
export type * from './api/values.js';
export type * from './api/options.js';
export type * from './api/writing.js';
export type * from './api/reading.js';
export type * from './api/queue.js';
export type * from './api/status.js';
export type * from './api/errors.js';
export type * from './api/outpost.js';
