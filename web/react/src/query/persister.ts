// Keeps a query client's answers in IndexedDB, one record per workspace and user, and forgets them when the user signs
// out. It has the shape of a TanStack Persister, for PersistQueryClientProvider. Outpost's own collections are left out:
// the engine has them on disk already.
import type { Outpost } from '@outpost/client';
import type { DehydratedState } from '@tanstack/react-query';

export interface PersistedClient {
  timestamp: number;
  buster: string;
  clientState: DehydratedState;
}

export interface OutpostPersister {
  persistClient(client: PersistedClient): Promise<void>;
  restoreClient(): Promise<PersistedClient | undefined>;
  removeClient(): Promise<void>;
  /** Stops listening for the sign-out. */
  close(): void;
}

export interface PersisterOptions {
  readonly workspace: string;
  readonly user: string;
  readonly database?: string;
}

const store = 'clients';

export function createOutpostPersister(outpost: Pick<Outpost, 'on'>, options: PersisterOptions): OutpostPersister {
  const database = options.database ?? 'outpost-queries';
  const key = JSON.stringify([options.workspace, options.user]);
  const removeClient = async (): Promise<void> => {
    await transact(database, 'readwrite', (clients) => clients.delete(key));
  };
  const close = outpost.on('loggedOut', () => void removeClient());
  return {
    async persistClient(client) {
      await transact(database, 'readwrite', (clients) => clients.put(withoutOutpost(client), key));
    },
    restoreClient: () => transact(database, 'readonly', (clients) => clients.get(key) as IDBRequest<PersistedClient | undefined>),
    removeClient,
    close,
  };
}

function withoutOutpost(client: PersistedClient): PersistedClient {
  const queries = client.clientState.queries.filter(({ queryKey }) => queryKey[0] !== 'outpost');
  return { ...client, clientState: { ...client.clientState, queries } };
}

async function transact<T>(name: string, mode: IDBTransactionMode, act: (clients: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await open(name);
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(store, mode);
      const request = act(transaction.objectStore(store));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error ?? new Error('IndexedDB gave up'));
    });
  } finally {
    database.close();
  }
}

function open(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(store);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('IndexedDB cannot be opened'));
  });
}
