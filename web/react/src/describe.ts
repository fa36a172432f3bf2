// A command and its fields in the words of the people who gave it.
import type { IntlShape } from '@formatjs/intl';
import type { CommandRecord, JsonObject, JsonValue, Locale } from '@outpost/client';
import { formatMoney, formatName } from './format.js';
import { directionOf, isolate, type Text } from './messages/index.js';

/** ORDER_CREATE of ORDER_CREATE_V1. */
export const familyOf = (type: string): string => type.replace(/_V\d+$/, '');

/**
 * "Send to the kitchen"; a type of an application's own: its name, unless the application's catalogs have `command.NAME`.
 * Commands over any collection are called by it where a catalog has `command.NAME.collection`.
 */
export function nameOfCommand(text: Text<string>, command: Pick<CommandRecord, 'type' | 'payload'>): string {
  const family = familyOf(command.type);
  const { collection } = command.payload as { collection?: JsonValue };
  const ids = [...(typeof collection === 'string' ? [`command.${family}.${collection}`] : []), `command.${family}`];
  const found = ids.map((id) => ({ id, words: text(id) })).find(({ id, words }) => words !== id);
  return found?.words ?? family.toLowerCase().replaceAll('_', ' ');
}

export function nameOfField(text: Text<string>, path: string): string {
  const last = path.replace(/\[\d+\]/g, '').split('.').at(-1) ?? path;
  const id = `field.${last}`;
  const found = text(id);
  return found === id ? last : found;
}

const moneyFields = new Set(['total', 'amount', 'price', 'unitPrice', 'paid', 'balanceDue', 'change']);

const isObject = (value: JsonValue): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

interface Words {
  readonly text: Text<string>;
  readonly intl: IntlShape<string>;
  readonly currency: string;
}

/** One field's value, short enough for a table cell. */
export function valueOfField(words: Words, field: string, value: JsonValue | undefined): string {
  if (value === undefined || value === null || value === '') return words.text('conflict.nothing');
  if (typeof value === 'number') {
    const isMoney = moneyFields.has(field.split('.').at(-1) ?? field);
    return isMoney ? formatMoney(words.intl, value, words.currency) : words.intl.formatNumber(value);
  }
  if (Array.isArray(value)) return value.length === 0 ? words.text('conflict.nothing') : value.map((one) => lineOf(words, one)).join('\n');
  if (isObject(value)) return Object.entries(value).map(([name, one]) => `${nameOfField(words.text, name)}: ${valueOfField(words, name, one)}`).join('\n');
  return formatName(words.intl, String(value));
}

function lineOf(words: Words, value: JsonValue): string {
  if (!isObject(value)) return String(value);
  const { quantity, name, note } = value;
  if (typeof name !== 'string') return valueOfField(words, '', value);
  const count = typeof quantity === 'number' ? `${words.intl.formatNumber(quantity)} × ` : '';
  const dish = directionOf(words.intl.locale as Locale) === 'rtl' ? isolate(name) : name;
  return `${count}${dish}${typeof note === 'string' && note !== '' ? ` (${note})` : ''}`;
}

/** What a command wants, in a line: "2 × Espresso, Table 4". */
export function summaryOf(words: Words, command: Pick<CommandRecord, 'payload'>): string {
  const { items, tableId, payment } = command.payload as { items?: JsonValue; tableId?: JsonValue; payment?: JsonValue };
  const parts: string[] = [];
  if (typeof tableId === 'string') parts.push(`${words.text('field.tableId')} ${formatName(words.intl, tableId)}`);
  if (Array.isArray(items)) parts.push((items as readonly JsonValue[]).map((one) => lineOf(words, one)).join(', '));
  if (payment !== undefined && isObject(payment) && typeof payment['amount'] === 'number') {
    parts.push(formatMoney(words.intl, payment['amount'], words.currency));
  }
  return parts.join(' · ');
}
