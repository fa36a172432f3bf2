// Ages, amounts and numbers as people read them.
import type { IntlShape } from '@formatjs/intl';
import type { Text } from './messages/index.js';
import { useShared } from './provider.js';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** How long ago; a time that a fast clock puts into the future is now. */
export function formatAge(text: Text, ms: number): string {
  if (ms < 2 * second) return text('age.now');
  if (ms < minute) return text('age.seconds', { count: Math.floor(ms / second) });
  if (ms < hour) return text('age.minutes', { count: Math.floor(ms / minute) });
  if (ms < day) return text('age.hours', { count: Math.floor(ms / hour) });
  return text('age.days', { count: Math.floor(ms / day) });
}

/** 10 to the digits a currency has: 1250 minor units of EUR are 12.50. */
export function minorUnits(currency: string): number {
  const digits = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits;
  return 10 ** (digits ?? 2);
}

export function formatMoney(intl: IntlShape<string>, amount: number, currency: string): string {
  return intl.formatNumber(amount / minorUnits(currency), { style: 'currency', currency });
}

/** A name that is a number ("12"), in the digits of the language; any other name as it is. */
export function formatName(intl: IntlShape<string>, name: string): string {
  return /^\d{1,15}$/.test(name) ? intl.formatNumber(Number(name), { useGrouping: false, minimumIntegerDigits: name.length }) : name;
}

export function useName(): (name: string) => string {
  const { intl } = useShared();
  return (name) => formatName(intl, name);
}

/** Money in minor units, as text. */
export function useMoney(currency: string): (amount: number) => string {
  const { intl } = useShared();
  return (amount) => formatMoney(intl, amount, currency);
}

/** Day and time of an instant of the protocol, where this device is. */
export function useDateTime(): (instant: string) => string {
  const { intl } = useShared();
  return (instant) => intl.formatDate(new Date(instant), { dateStyle: 'medium', timeStyle: 'short' });
}

export function useNumber(): (value: number) => string {
  const { intl } = useShared();
  return (value) => intl.formatNumber(value);
}
