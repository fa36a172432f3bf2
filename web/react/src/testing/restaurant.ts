// What the restaurant's commands do, as far as tests of screens need it. The real rules are in C++ (rules/).
import type { JsonObject, JsonValue } from '@outpost/client';
import type { Effect, Effects, FakeWrite } from './fake_documents.js';

type Line = JsonObject & { readonly lineId: string; readonly quantity: number; readonly unitPrice: number };

const refuse = (code: string): never => {
  throw Object.assign(new Error(code), { code });
};

const linesOf = (order: JsonObject): readonly Line[] => (order['items'] ?? []) as readonly Line[];

function newLines(payload: JsonObject, command: string): readonly Line[] {
  return (payload['items'] as readonly JsonObject[]).map((item, i) => ({ ...item, lineId: `${command}-${i}`, sent: false }) as unknown as Line);
}

function orderWrite(order: JsonObject, now: string): FakeWrite {
  const total = linesOf(order).reduce((sum, line) => sum + line.quantity * line.unitPrice, 0);
  return { collection: 'orders', id: order['id'] as string, doc: { ...order, total, updatedAt: now } };
}

/** Changes an order that is there, in one of these states. */
function onOrder(states: readonly string[], change: (order: JsonObject, payload: JsonObject, command: string) => JsonObject): Effect {
  return (payload, find, { command, now }) => {
    const order = find({ collection: 'orders', id: payload['id'] as string }) ?? refuse('NOT_FOUND');
    if (!states.includes(order['status'] as string)) refuse('INVALID_STATE_TRANSITION');
    return [orderWrite(change(order, payload, command), now)];
  };
}

const create: Effect = (payload, _find, { command, author, now }) => {
  const id = (payload['id'] ?? command) as string;
  const items: readonly JsonObject[] = newLines(payload, command);
  const order = { id, number: id.slice(-4).toUpperCase(), tableId: payload['tableId'] ?? null, status: 'NEW', items, currency: 'EUR', paid: 0 };
  return [orderWrite({ ...order, createdAt: now, createdBy: author }, now)];
};

const send: Effect = (payload, find, { command, author, now }) => {
  const order = find({ collection: 'orders', id: payload['id'] as string }) ?? refuse('NOT_FOUND');
  const unsent = linesOf(order).filter((line) => line['sent'] !== true);
  if (unsent.length === 0) return [];
  const stationOf = (line: Line): string => (line['station'] as string | undefined) ?? 'kitchen';
  const { number = '', tableId = null } = order;
  const tickets = [...new Set(unsent.map(stationOf))].map((station) => {
    const items: readonly JsonValue[] = unsent.filter((line) => stationOf(line) === station);
    const doc = { orderId: payload['id'] as string, number, tableId, station, status: 'QUEUED', items, waiterName: author, sentAt: now };
    return { collection: 'tickets', id: `${command}-${station}`, doc };
  });
  return [orderWrite({ ...order, status: 'SENT', items: linesOf(order).map((line) => ({ ...line, sent: true })) }, now), ...tickets];
};

function close(order: JsonObject, payload: JsonObject, command: string): JsonObject {
  const payment = payload['payment'] as { amount: number; receipt?: string };
  const paid = ((order['paid'] ?? 0) as number) + payment.amount;
  const due = (order['total'] as number) - paid;
  const record: JsonObject = { method: 'CASH', amount: payment.amount, command, ...(payment.receipt === undefined ? {} : { receipt: payment.receipt }) };
  const payments = [...((order['payments'] ?? []) as readonly JsonValue[]), record];
  if (due > 0) return { ...order, payments, paid, balanceDue: due };
  return { ...order, payments, paid: order['total'] ?? 0, balanceDue: 0, change: -due, status: 'CLOSED' };
}

const ranks = ['QUEUED', 'IN_PROGRESS', 'READY', 'BUMPED'];

function step(status: string): Effect {
  return (payload, find) => {
    const id = payload['id'] as string;
    const ticket = find({ collection: 'tickets', id }) ?? refuse('NOT_FOUND');
    if (ranks.indexOf(ticket['status'] as string) >= ranks.indexOf(status)) return [];
    return [{ collection: 'tickets', id, doc: { ...ticket, status } }];
  };
}

const countUp: Effect = (payload, find) => {
  const [collection, id, field] = [payload['collection'] as string, payload['id'] as string, payload['field'] as string];
  const before = find({ collection, id }) ?? {};
  return [{ collection, id, doc: { ...before, [field]: ((before[field] ?? 0) as number) + (payload['delta'] as number) } }];
};

const open = ['NEW', 'SENT'];

export const restaurant: Effects = {
  ORDER_CREATE_V1: create,
  ORDER_MODIFY_V1: onOrder(['NEW'], (order, { tableId, items }, command) => ({
    ...order,
    ...(tableId === undefined ? {} : { tableId }),
    ...(items === undefined ? {} : { items: newLines({ items }, command) }),
  })),
  ORDER_ADD_ITEMS_V1: onOrder(open, (order, payload, command) => ({ ...order, items: [...linesOf(order), ...newLines(payload, command)] })),
  ORDER_CHANGE_LINE_V1: onOrder(open, (order, { id: _id, lineId, ...change }) => ({
    ...order,
    items: linesOf(order).map((line) => (line.lineId === lineId ? { ...line, ...change } : line)),
  })),
  ORDER_REMOVE_LINE_V1: onOrder(open, (order, { lineId }) => ({ ...order, items: linesOf(order).filter((line) => line.lineId !== lineId) })),
  ORDER_SEND_TO_KITCHEN_V1: send,
  ORDER_CLOSE_V1: onOrder(open, close),
  ORDER_CANCEL_V1: onOrder(open, (order) => ({ ...order, status: 'CANCELLED' })),
  TICKET_START_V1: step('IN_PROGRESS'),
  TICKET_MARK_READY_V1: step('READY'),
  TICKET_BUMP_V1: step('BUMPED'),
  COUNTER_ADD_V1: countUp,
};
