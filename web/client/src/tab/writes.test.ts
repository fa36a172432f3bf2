import { describe, expect, it } from 'vitest';
import { findGuardrail } from './guardrails.js';
import { requestOfItem } from './legacy.js';
import { commandOf, restBodyOf } from './routes.js';

const mint = (): string => 'minted';

describe('paths and commands', () => {
  it('make one payload of path and body', () => {
    const create = commandOf('POST', '/pos/orders', { tableId: 't1', items: [] }, mint);
    expect(create).toEqual({ type: 'ORDER_CREATE_V1', payload: { tableId: 't1', items: [], id: 'minted' }, resource: { collection: 'orders', id: 'minted' } });
    const line = commandOf('DELETE', '/pos/orders/o%2E1/lines/l1', undefined, mint);
    expect(line).toMatchObject({ type: 'ORDER_REMOVE_LINE_V1', payload: { id: 'o.1', lineId: 'l1' } });
    const patch = commandOf('PATCH', '/collections/notes/n1', { patch: { a: 1 } }, mint);
    expect(patch).toMatchObject({ type: 'DOCUMENT_PATCH_V1', payload: { collection: 'notes', id: 'n1', patch: { a: 1 } } });
  });

  it('leave the path’s parameters out of a REST body, and the minted id in', () => {
    const close = commandOf('POST', '/pos/orders/o1/close', { payment: { method: 'CARD', amount: 5 } }, mint);
    expect(restBodyOf('POST', '/pos/orders/o1/close', close, {})).toEqual({ payment: { method: 'CARD', amount: 5 } });
    const create = commandOf('POST', '/pos/orders', { items: [] }, mint);
    expect(restBodyOf('POST', '/pos/orders', create, {})).toEqual({ items: [], id: 'minted' });
  });

  it('know no command for other paths', () => {
    expect(commandOf('POST', '/public/reservations', {}, mint)).toBeUndefined();
    expect(commandOf('GET' as 'POST', '/pos/orders', {}, mint)).toBeUndefined();
  });
});

describe('guardrails', () => {
  const close = (method: string) => ({ type: 'ORDER_CLOSE_V1', payload: { id: 'o', payment: { method, amount: 1 } } });

  it('let cash queue and keep cards online', () => {
    expect(findGuardrail([], close('CASH'))).toBeUndefined();
    expect(findGuardrail([], close('CARD'))).toBeDefined();
    expect(findGuardrail([], close('MOBILE_MONEY'))).toBeDefined();
  });

  it('keep authentication, billing, payments, SMS and exports online', () => {
    for (const path of ['/auth/login', '/billing/plan', '/payments/1', '/sms/send', '/exports/day?x=1']) {
      expect(findGuardrail([], { method: 'POST', path })).toBeDefined();
    }
    expect(findGuardrail([], { method: 'POST', path: '/pos/orders' })).toBeUndefined();
  });

  it('give way to the application’s own', () => {
    const own = [{ path: '/sms/draft', rule: 'allow' }, { path: '/pos/*', methods: ['DELETE'], rule: 'onlineOnly' }] as const;
    expect(findGuardrail(own, { method: 'POST', path: '/sms/draft' })).toBeUndefined();
    expect(findGuardrail(own, { method: 'DELETE', path: '/pos/orders/1' })).toBeDefined();
    expect(findGuardrail(own, { method: 'POST', path: '/pos/orders' })).toBeUndefined();
  });
});

describe('items of older queues', () => {
  const ids = new Map([['local_1', 'srv1']]);

  it('become writes, with ids the older client had learned', () => {
    const item = { method: 'post', url: 'https://old.example/api/pos/orders/local_1/items', body: '{"items":[],"_idempotencyKey":"k"}' };
    expect(requestOfItem(item, 'outbox', ids)).toEqual({ method: 'POST', path: '/pos/orders/srv1/items', body: { items: [] } });
  });

  it('of an order queue are orders', () => {
    expect(requestOfItem({ id: 5, payload: { items: [] } }, 'order_queue')).toEqual({ method: 'POST', path: '/pos/orders', body: { items: [] } });
  });

  it('that say nothing of what they are become nothing', () => {
    expect(requestOfItem({ note: 'x' }, 'outbox')).toBeNull();
  });
});
