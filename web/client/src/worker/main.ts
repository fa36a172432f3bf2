// The script of a dedicated worker: one TabWorker, wired to its tab.
import type { FromWorker, ToWorker } from './messages.js';
import { TabWorker } from './worker.js';

interface WorkerScope {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: FromWorker): void;
  close(): void;
}

const scope = self as unknown as WorkerScope;
const worker = new TabWorker((message) => {
  scope.postMessage(message);
  if (message.kind === 'closed' || message.kind === 'loggedOut') scope.close();
});
scope.onmessage = (event) => worker.handle(event.data);
