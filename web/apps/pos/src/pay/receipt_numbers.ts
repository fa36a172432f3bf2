// Receipt numbers of this till: a prefix of the device and a counter that only rises, "K7Q2M-000041".
//
// A number is taken before it is used and never given back. What is taken last stands in two places: in a document of
// this till (settings/receipts.<prefix>), durable before the number is shown and known to the server, so that the office
// sees how far each till has come; and with the browser, in case the server ever refuses that document. The larger
// one counts. A lock over all tabs makes two of them take one after the other. A crash between taking and using leaves a
// gap, never a number twice; a device whose storage was wiped has another id, so another prefix.
import type { Outpost } from '@outpost/client';
import { keep, recall } from '@outpost/app-shell';

const prefixLength = 5;
const digits = 6;

interface Counter {
  readonly last: number;
}

export const prefixOf = (device: string): string => device.slice(-prefixLength).toUpperCase();

export const formatReceipt = (prefix: string, count: number): string => `${prefix}-${String(count).padStart(digits, '0')}`;

export async function takeReceiptNumber(outpost: Outpost): Promise<string> {
  const prefix = prefixOf(outpost.status.device);
  const name = `receipts.${prefix}`;
  return alone(`outpost.${name}`, async () => {
    const key = { collection: 'settings', id: name };
    const known = (await outpost.get<Counter>(key))?.doc.last ?? 0;
    const last = Math.max(known, recall<number>(name) ?? 0) + 1;
    await outpost.execute('DOCUMENT_PUT_V1', { ...key, doc: { last } });
    keep(name, last);
    return formatReceipt(prefix, last);
  });
}

// Browsers that keep data on disk have locks; without one there is one tab.
async function alone<T>(name: string, work: () => Promise<T>): Promise<T> {
  const locks = (navigator as { locks?: LockManager }).locks;
  return locks === undefined ? work() : ((await locks.request(name, work)) as T);
}
