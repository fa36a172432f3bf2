// What the browser says of the storage: whether it keeps it, how much is used, how much there is.
import type { StorageStatus } from '../api.js';

export type StorageAnswer = Pick<StorageStatus, 'persisted' | 'usageBytes' | 'quotaBytes'>;

export async function askStorage(persist: boolean): Promise<StorageAnswer> {
  const manager = (navigator as { storage?: StorageManager }).storage;
  if (manager === undefined) return {};
  try {
    const persisted = (await manager.persisted()) || (persist && (await manager.persist()));
    const { usage, quota } = await manager.estimate();
    return { persisted, ...(usage === undefined ? {} : { usageBytes: usage }), ...(quota === undefined ? {} : { quotaBytes: quota }) };
  } catch {
    return {};
  }
}
