// Registers the application's service worker, which keeps its shell for a cold start without a line (service_worker.ts).

export interface ShellOptions {
  /** Default: next to the page, so that its scope is the application's folder. */
  readonly script?: string | URL;
  readonly scope?: string;
  /** A new version is there and waits: reload when it suits the person. */
  readonly updated?: () => void;
}

/** false: this browser has no service workers, or the page is not secure. */
export async function registerShell(options: ShellOptions = {}): Promise<boolean> {
  const container = (navigator as { serviceWorker?: ServiceWorkerContainer }).serviceWorker;
  if (container === undefined) return false;
  const script = options.script ?? new URL('sw.js', document.baseURI);
  const registration = await container.register(script, {
    type: 'module',
    updateViaCache: 'none',
    ...(options.scope === undefined ? {} : { scope: options.scope }),
  });
  registration.addEventListener('updatefound', () => {
    const coming = registration.installing;
    coming?.addEventListener('statechange', () => {
      if (coming.state === 'installed' && container.controller !== null) options.updated?.();
    });
  });
  return true;
}
