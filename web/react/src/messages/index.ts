// The catalogs, and the one function that makes a text function of them. Applications add their own names.
import { createIntl, createIntlCache, type IntlShape } from '@formatjs/intl';
import type { Locale } from '@outpost/client';
import { ar } from './ar.js';
import { en, type MessageId, type Messages } from './en.js';
import { fa } from './fa.js';

export type { MessageId, Messages };

export type Values = Readonly<Record<string, string | number>>;
/** The text of a name in the chosen language. */
export type Text<Id extends string = MessageId> = (id: Id | MessageId, values?: Values) => string;
/** An application's own texts: the same names in every language. */
export type Catalogs = { readonly [L in Locale]: Readonly<Record<string, string>> };

export const catalogs: { readonly [L in Locale]: Messages } = { en, fa, ar };

export type Direction = 'ltr' | 'rtl';
export const directionOf = (locale: Locale): Direction => (locale === 'en' ? 'ltr' : 'rtl');

/** What texts, numbers and money are made with. A name that is missing shows itself: tests look for that. */
export function makeIntl(locale: Locale, own?: Catalogs): IntlShape<string> {
  const messages: Record<string, string> = { ...catalogs[locale], ...own?.[locale] };
  return createIntl({ locale, messages, onError: () => undefined }, createIntlCache());
}

export function textOf(intl: IntlShape<string>): Text {
  const prepare = directionOf(intl.locale as Locale) === 'rtl' ? isolated : (values: Values) => values;
  return (id, values) => intl.formatMessage({ id }, values && prepare(values)) as string;
}

// A number or a name from elsewhere ("K7Q2M-000041") keeps its own direction inside a text of the other one.
export const isolate = (foreign: string): string => `\u2068${foreign}\u2069`;
const isolated = (values: Values): Values =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, typeof value === 'string' ? isolate(value) : value]));
