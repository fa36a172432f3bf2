// What the browser tells a tab: the line, coming to the front, and its service worker's background sync (C3).
const wakeMessage = 'outpost:sync';

/** Hints of the line, and a last chance to write before the page may go. Returns how to stop. */
export function watchForeground(line: (up: boolean) => void, mayGo: () => void): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  addEventListener('online', () => line(true), { signal });
  addEventListener('offline', () => line(false), { signal });
  addEventListener('pagehide', mayGo, { signal });
  document.addEventListener(
    'visibilitychange',
    () => {
      if (document.visibilityState === 'hidden') mayGo();
      else line(navigator.onLine);
    },
    { signal },
  );
  return () => stop.abort();
}

interface SyncRegistration {
  readonly sync?: { register(tag: string): Promise<void> };
}

/** The browser wakes the service worker when the line is back; it wakes the tabs. */
export function wakeByBackgroundSync(wake: () => void): () => void {
  const container = (navigator as { serviceWorker?: ServiceWorkerContainer }).serviceWorker;
  if (container === undefined) return () => undefined;
  const stop = new AbortController();
  container.addEventListener('message', (event) => event.data === wakeMessage && wake(), { signal: stop.signal });
  const ask = (): void => {
    void container.ready
      .then((registration) => (registration as SyncRegistration).sync?.register(wakeMessage))
      .catch(() => undefined); // not everywhere, and not always allowed
  };
  addEventListener('offline', ask, { signal: stop.signal });
  if (container.controller !== null) ask();
  return () => stop.abort();
}
