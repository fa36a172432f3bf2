// Leaving a store with work in it (C5): sent, exported, kept, or not left at all. Nothing is wiped in silence.
import type { LogoutOptions } from '../api.js';

const syncPatienceMs = 30_000;

export interface LogoutHost {
  exportQueue(): Promise<{ readonly file: string; readonly digest: string }>;
  signOut(how: 'ifNothingWaits' | 'exported' | 'keep', digest: string): Promise<void>;
  /** Rejects when something is left after that long. */
  settle(withinMs: number): Promise<void>;
}

/** Whether the store was emptied. A terminal's never is: its queue goes on under the names of its authors. */
export async function logout(options: LogoutOptions, terminal: boolean, host: LogoutHost): Promise<boolean> {
  switch (options.waiting ?? 'refuse') {
    case 'keep':
      await host.signOut('keep', '');
      return false;
    case 'export': {
      const { file, digest } = await host.exportQueue();
      await (options as { save(file: string): void | Promise<void> }).save(file);
      await host.signOut('exported', digest);
      break;
    }
    case 'sync':
      // What is left is named by the refusal below.
      await host.settle((options as { patienceMs?: number }).patienceMs ?? syncPatienceMs).catch(() => undefined);
      await host.signOut('ifNothingWaits', '');
      break;
    case 'refuse':
      await host.signOut('ifNothingWaits', '');
  }
  return !terminal;
}
