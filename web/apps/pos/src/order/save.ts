// A draft becomes commands: an order or more lines of one, and on to the kitchen.
import type { JsonObject, Outpost } from '@outpost/client';
import type { Draft } from './draft.js';

export interface Place {
  /** Undefined: there is no order yet. */
  readonly orderId: string | undefined;
  /** Null: takeaway. */
  readonly tableId: string | null;
}

/** Resolves with the order's id once everything is on disk. */
export async function saveDraft(outpost: Outpost, draft: Draft, { orderId, tableId }: Place): Promise<string> {
  const id = orderId ?? draft.id;
  if (draft.lines.length === 0) return id;
  const items: readonly JsonObject[] = draft.lines.map((line) => ({ ...line }));
  if (orderId === undefined) {
    await outpost.execute('ORDER_CREATE_V1', { id, ...(tableId === null ? {} : { tableId }), items }, { key: draft.id });
  } else {
    await outpost.execute('ORDER_ADD_ITEMS_V1', { id, items }, { key: draft.id });
  }
  return id;
}

export async function sendToKitchen(outpost: Outpost, draft: Draft, place: Place): Promise<string> {
  const id = await saveDraft(outpost, draft, place);
  await outpost.execute('ORDER_SEND_TO_KITCHEN_V1', { id }, { key: `${draft.id}.send` });
  return id;
}
