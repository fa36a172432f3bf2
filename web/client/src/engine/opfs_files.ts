// The store's files on the origin private file system. Access handles are exclusive: whoever holds the Web Lock of the
// store opens them, and only then. A predecessor that was killed may hold them for a moment longer.
import { memoryFiles, type StoreFile, type StoreFiles } from './store_files.js';

const folderName = 'outpost';
const fileNames = ['store', 'store-journal', 'store-wal'] as const;
const patienceMs = 10_000;
const retryMs = 50;

interface SyncAccess {
  createSyncAccessHandle(): Promise<StoreFile>;
}

/** Workspaces and users as the name of a folder. */
export function storeNameOf(workspace: string, user: string | null): string {
  const safe = (id: string): string => id.replace(/[^A-Za-z0-9_-]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
  return `${safe(workspace)}.${user === null ? 'terminal' : `user.${safe(user)}`}`;
}

async function storeFolder(name: string, create: boolean): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory();
  const all = await root.getDirectoryHandle(folderName, { create });
  return all.getDirectoryHandle(name, { create });
}

async function openFile(folder: FileSystemDirectoryHandle, name: string, deadline: number): Promise<StoreFile> {
  const file = (await folder.getFileHandle(name, { create: true })) as FileSystemFileHandle & SyncAccess;
  for (;;) {
    try {
      return await file.createSyncAccessHandle();
    } catch (error) {
      const held = error instanceof DOMException && error.name === 'NoModificationAllowedError';
      if (!held || Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }
}

/** Handles that somebody else still holds are an error; a browser that gives none at all is not: memory serves. */
export async function openStoreFiles(name: string): Promise<StoreFiles> {
  let folder: FileSystemDirectoryHandle;
  try {
    folder = await storeFolder(name, true);
    const probe = await folder.getFileHandle(fileNames[0], { create: true });
    if (!('createSyncAccessHandle' in probe)) return memoryFiles('this browser gives no synchronous file access');
  } catch (error) {
    return memoryFiles(`this browser gives no private file system: ${String(error)}`);
  }
  const deadline = Date.now() + patienceMs;
  const opened: StoreFile[] = [];
  try {
    for (const fileName of fileNames) opened.push(await openFile(folder, fileName, deadline));
  } catch (error) {
    for (const file of opened) file.close();
    throw error;
  }
  const [main, journal, log] = opened as [StoreFile, StoreFile, StoreFile];
  return {
    kind: 'opfs',
    files: [main, journal, log],
    close() {
      for (const file of opened) file.close();
    },
  };
}

/** After a logout that emptied the store. */
export async function removeStoreFiles(name: string): Promise<void> {
  try {
    const root = await navigator.storage.getDirectory();
    const all = await root.getDirectoryHandle(folderName);
    await all.removeEntry(name, { recursive: true });
  } catch {
    // Nothing there, or still held: it is empty.
  }
}
