// Every application says everything in every language, with the plural forms that language has.
import type { Locale } from '@outpost/client';
import { describe, expect, it } from 'vitest';
import { messages as kitchen } from '../kitchen/src/messages.js';
import { messages as pos } from '../pos/src/messages.js';
import { withShell } from '../shell/src/messages.js';
import { messages as start } from '../start/src/messages.js';

const applications = { kitchen, pos, start };
const locales: readonly Locale[] = ['en', 'fa', 'ar'];
const argumentsOf = (message: string): readonly string[] => [...new Set([...message.matchAll(/\{(\w+)[,}]/g)].map((match) => match[1] ?? ''))].sort();
const pluralsOf = (message: string): readonly string[] => [...message.matchAll(/\{\w+, plural,((?:[^{}]|\{[^{}]*\})*)\}/g)].map((match) => match[1] ?? '');

describe.each(Object.entries(applications))('the words of %s', (_name, own) => {
  const catalogs = withShell(own);

  it.each(locales)('are complete in %s, with the arguments of the English ones', (locale) => {
    expect(Object.keys(catalogs[locale]).sort()).toEqual(Object.keys(catalogs.en).sort());
    for (const [id, message] of Object.entries(catalogs[locale])) {
      expect(message.trim(), id).not.toBe('');
      for (const argument of argumentsOf(message)) expect(argumentsOf(catalogs.en[id] ?? ''), `${id}: {${argument}}`).toContain(argument);
    }
  });

  it.each(locales)('have the plural forms of %s', (locale) => {
    const forms = new Intl.PluralRules(locale).resolvedOptions().pluralCategories;
    for (const [id, message] of Object.entries(catalogs[locale])) {
      expect(pluralsOf(message).length, id).toBe(pluralsOf(catalogs.en[id] ?? '').length);
      for (const plural of pluralsOf(message)) for (const form of forms) expect(plural, `${id}: ${form}`).toMatch(new RegExp(`\\b${form} \\{`));
    }
  });
});
