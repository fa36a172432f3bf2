import type { Locale } from '@outpost/client';
import { describe, expect, it } from 'vitest';
import { en, type MessageId } from './en.js';
import { catalogs, makeIntl, textOf } from './index.js';

const locales = Object.keys(catalogs) as Locale[];
const ids = Object.keys(en) as MessageId[];
const argumentsOf = (message: string): string[] => [...new Set([...message.matchAll(/\{(\w+)[,}]/g)].map((match) => match[1] ?? ''))].sort();

describe.each(locales)('the catalog %s', (locale) => {
  const text = textOf(makeIntl(locale));

  it('has every name, with the arguments of the English one', () => {
    for (const id of ids) {
      const message = catalogs[locale][id];
      expect(message, id).toBeTruthy();
      const known = argumentsOf(en[id]);
      for (const name of argumentsOf(message)) expect(known, `${id}: {${name}}`).toContain(name);
    }
  });

  it('makes a text of every name for each number', () => {
    for (const id of ids) {
      for (const count of [0, 1, 2, 3, 11, 100]) {
        const made = text(id, { count, done: 1, of: 2, age: 'x', author: 'x', tab: 'x', code: 'x' });
        expect(made, id).not.toMatch(/[{}]/);
        expect(made, id).not.toBe(id);
      }
    }
  });

  it('has the plural forms of its language', () => {
    const forms = new Intl.PluralRules(locale).resolvedOptions().pluralCategories;
    for (const id of ids) {
      for (const plural of catalogs[locale][id].matchAll(/\{count, plural,((?:[^{}]|\{[^{}]*\})*)\}/g)) {
        for (const form of forms) {
          const covered = new RegExp(`\\b${form} \\{`).test(plural[1] ?? '');
          expect(covered, `${locale} ${id}: ${form}`).toBe(true);
        }
      }
    }
  });
});

describe('numbers', () => {
  it('are the language’s own', () => {
    expect(textOf(makeIntl('fa'))('age.seconds', { count: 12 })).toContain('۱۲');
    expect(textOf(makeIntl('en'))('banner.reconnecting', { count: 2 })).toBe('Reconnecting (2 updates queued)');
    expect(textOf(makeIntl('ar'))('banner.offline.queued', { count: 2 })).toBe('تحديثان في الانتظار');
  });
});
