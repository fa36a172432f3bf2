import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { OutpostError } from './errors.js';
import { directionOf, messageOf } from './messages.js';
import { newUlid } from './ulid.js';

const codes = ['OFFLINE_UNAVAILABLE', 'QUEUE_FULL', 'UNAUTHENTICATED', 'VERSION_CONFLICT', 'STORE_TAKEN', 'PAYMENT_UNAVAILABLE'];

describe('messages for people', () => {
  it('exist in each language for each code, and differ', () => {
    for (const code of codes) {
      const texts = (['en', 'fa', 'ar'] as const).map((locale) => messageOf(new OutpostError(code, 'x'), locale));
      expect(new Set(texts).size).toBe(3);
      for (const locale of ['en', 'fa', 'ar'] as const) expect(texts).not.toContain(messageOf(new Error('?'), locale));
    }
  });

  it('exist for every code of the protocol', () => {
    const source = readFileSync(new URL('../../../protocol/problem.cc', import.meta.url), 'utf8');
    const names = [...source.matchAll(/"([A-Z]+(?:_[A-Z]+)+|FORBIDDEN|UNAVAILABLE|UNAUTHENTICATED)"/g)].map((match) => match[1] ?? '');
    expect(names.length).toBeGreaterThan(30);
    const unknown = messageOf(undefined);
    for (const name of names) expect(messageOf({ code: name }), name).not.toBe(unknown);
  });

  it('fall to the status for codes nobody knows, and always say something', () => {
    expect(messageOf({ code: 'BRAND_NEW', status: 503 })).toBe(messageOf({ code: 'UNAVAILABLE' }));
    expect(messageOf(undefined)).not.toBe('');
    expect(messageOf(new OutpostError('constructor', 'x'))).toBe(messageOf(undefined));
  });

  it('have a direction', () => {
    expect([directionOf('en'), directionOf('fa'), directionOf('ar')]).toEqual(['ltr', 'rtl', 'rtl']);
  });
});

describe('ids', () => {
  it('rise, also within a millisecond and when the clock is set back', () => {
    const ids = [newUlid(1000), newUlid(1000), newUlid(999), newUlid(2000)];
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(4);
    expect(ids.every((id) => /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(id))).toBe(true);
  });
});
