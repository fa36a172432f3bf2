// The texts and numbers inside a payload by their path, and a payload with some of them replaced: what the edit dialog
// works on. Ids and article codes are not for people to change.
import type { JsonObject, JsonValue } from '@outpost/client';

export interface PayloadField {
  /** "items[0].quantity" */
  readonly path: string;
  readonly value: string | number;
}

const notForPeople = new Set(['id', 'lineId', 'sku', 'collection', 'method', 'receipt', 'station']);

export function fieldsOf(value: JsonValue, path = ''): readonly PayloadField[] {
  if (typeof value === 'string' || typeof value === 'number') return [{ path, value }];
  if (Array.isArray(value)) return (value as readonly JsonValue[]).flatMap((one, i) => fieldsOf(one, `${path}[${i}]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value as JsonObject)
    .filter(([name]) => !notForPeople.has(name))
    .flatMap(([name, one]) => fieldsOf(one, path === '' ? name : `${path}.${name}`));
}

export function withFields(value: JsonValue, changes: ReadonlyMap<string, string | number>, path = ''): JsonValue {
  const change = changes.get(path);
  if (change !== undefined) return change;
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((one, i) => withFields(one, changes, `${path}[${i}]`));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value as JsonObject).map(
    ([name, one]) => [name, withFields(one, changes, path === '' ? name : `${path}.${name}`)] as const,
  );
  return Object.fromEntries(entries);
}
