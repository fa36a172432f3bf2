// REST paths of an Outpost server and the commands they are: the same write, online and queued, under one key. The payload
// is the body with the path's parameters in it, on both sides (server/routes/command_routes.cc).
import type { CollectionName, DocumentKey, JsonObject, Method } from '../api.js';

export interface CommandOfWrite {
  readonly type: string;
  readonly payload: JsonObject;
  /** What it is about, as far as the path tells (W4). */
  readonly resource?: DocumentKey;
}

interface Row {
  readonly method: Method;
  readonly pattern: string;
  readonly type: string;
  readonly collection?: CollectionName;
  /** A resource is made: its id is minted here, so that the online try and the replay make the same one. */
  readonly creates?: true;
}

const rows: readonly Row[] = [
  { method: 'POST', pattern: '/pos/orders', type: 'ORDER_CREATE_V1', collection: 'orders', creates: true },
  { method: 'PATCH', pattern: '/pos/orders/{id}', type: 'ORDER_MODIFY_V1', collection: 'orders' },
  { method: 'POST', pattern: '/pos/orders/{id}/items', type: 'ORDER_ADD_ITEMS_V1', collection: 'orders' },
  { method: 'POST', pattern: '/pos/orders/{id}/lines/{lineId}', type: 'ORDER_CHANGE_LINE_V1', collection: 'orders' },
  { method: 'DELETE', pattern: '/pos/orders/{id}/lines/{lineId}', type: 'ORDER_REMOVE_LINE_V1', collection: 'orders' },
  { method: 'POST', pattern: '/pos/orders/{id}/send-to-kitchen', type: 'ORDER_SEND_TO_KITCHEN_V1', collection: 'orders' },
  { method: 'POST', pattern: '/pos/orders/{id}/close', type: 'ORDER_CLOSE_V1', collection: 'orders' },
  { method: 'POST', pattern: '/pos/orders/{id}/cancel', type: 'ORDER_CANCEL_V1', collection: 'orders' },
  { method: 'POST', pattern: '/kds/tickets/{id}/start', type: 'TICKET_START_V1', collection: 'tickets' },
  { method: 'POST', pattern: '/kds/tickets/{id}/mark-ready', type: 'TICKET_MARK_READY_V1', collection: 'tickets' },
  { method: 'POST', pattern: '/kds/tickets/{id}/bump', type: 'TICKET_BUMP_V1', collection: 'tickets' },
  { method: 'POST', pattern: '/catalog/products', type: 'PRODUCT_PUT_V1', collection: 'products' },
  { method: 'PUT', pattern: '/catalog/products/{sku}', type: 'PRODUCT_PUT_V1', collection: 'products' },
  { method: 'POST', pattern: '/inventory/adjustments', type: 'INVENTORY_ADJUST_V1', collection: 'stock' },
  { method: 'POST', pattern: '/inventory/counts', type: 'INVENTORY_COUNT_V1', collection: 'stock' },
  { method: 'POST', pattern: '/collections/{collection}', type: 'DOCUMENT_CREATE_V1', creates: true },
  { method: 'PUT', pattern: '/collections/{collection}/{id}', type: 'DOCUMENT_PUT_V1' },
  { method: 'PATCH', pattern: '/collections/{collection}/{id}', type: 'DOCUMENT_PATCH_V1' },
  { method: 'DELETE', pattern: '/collections/{collection}/{id}', type: 'DOCUMENT_DELETE_V1' },
  { method: 'POST', pattern: '/collections/{collection}/{id}/counters/{field}', type: 'COUNTER_ADD_V1' },
  { method: 'POST', pattern: '/collections/{collection}/{id}/lists/{field}', type: 'LIST_APPEND_V1' },
];

function segmentsOf(path: string): string[] {
  const [plain = ''] = path.split('?');
  return plain.split('/').filter((segment) => segment !== '');
}

function match(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = segmentsOf(pattern);
  const given = segmentsOf(path);
  if (wanted.length !== given.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [i, segment] of wanted.entries()) {
    const value = given[i] ?? '';
    if (!segment.startsWith('{')) {
      if (segment !== value) return undefined;
    } else {
      parameters[segment.slice(1, -1)] = decodeURIComponent(value);
    }
  }
  return parameters;
}

function textAt(payload: JsonObject, name: string): string | undefined {
  const value = payload[name];
  return typeof value === 'string' ? value : undefined;
}

/** Undefined: the path has no command, and can only be sent with a line. */
export function commandOf(method: Method, path: string, body: JsonObject | undefined, newId: () => string): CommandOfWrite | undefined {
  for (const row of rows) {
    const parameters = row.method === method ? match(row.pattern, path) : undefined;
    if (parameters === undefined) continue;
    const payload: Record<string, JsonObject[string]> = { ...body, ...parameters };
    if (row.creates === true && payload['id'] === undefined) payload['id'] = newId();
    const collection = row.collection ?? textAt(payload, 'collection');
    const id = textAt(payload, 'id') ?? textAt(payload, 'sku');
    return { type: row.type, payload, ...(collection !== undefined && id !== undefined ? { resource: { collection, id } } : {}) };
  }
  return undefined;
}

/** The path's own parameters are not in a REST body. */
export function restBodyOf(method: Method, path: string, command: CommandOfWrite | undefined, body: JsonObject | undefined): JsonObject | undefined {
  const row = rows.find((one) => one.method === method && match(one.pattern, path) !== undefined);
  if (command === undefined || row === undefined) return body;
  const parameters = match(row.pattern, path) ?? {};
  return Object.fromEntries(Object.entries(command.payload).filter(([name]) => !(name in parameters)));
}
