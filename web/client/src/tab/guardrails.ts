// What must not wait in a queue (W5): money that a third party has to move, identities, messages to people, exports. The
// first rule that matches decides; the application's own come before these.
import type { Guardrail, JsonObject, JsonValue, Method } from '../api.js';

export const builtInGuardrails: readonly Guardrail[] = [
  { type: 'ORDER_CLOSE_V1', payload: { 'payment.method': ['CARD', 'MOBILE_MONEY'] }, rule: 'onlineOnly' },
  ...['/auth/*', '/billing/*', '/payments/*', '/sms/*', '/exports/*', '/public/*', '/admin/*'].map(
    (path): Guardrail => ({ path, rule: 'onlineOnly' }),
  ),
];

export interface Attempt {
  readonly method?: Method;
  readonly path?: string;
  readonly type?: string;
  readonly payload?: JsonObject;
}

function valueAt(payload: JsonObject | undefined, field: string): JsonValue | undefined {
  let value: JsonValue | undefined = payload;
  for (const name of field.split('.')) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    value = (value as JsonObject)[name];
  }
  return value;
}

function pathFits(pattern: string, path: string): boolean {
  return pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern;
}

function fits(rule: Guardrail, attempt: Attempt): boolean {
  const [path] = (attempt.path ?? '').split('?');
  if (rule.methods !== undefined && (attempt.method === undefined || !rule.methods.includes(attempt.method))) return false;
  if (rule.path !== undefined && (path === undefined || !pathFits(rule.path, path))) return false;
  if (rule.type !== undefined && rule.type !== attempt.type) return false;
  return Object.entries(rule.payload ?? {}).every(([field, values]) => {
    const value = valueAt(attempt.payload, field);
    return value !== undefined && values.includes(value);
  });
}

/** The rule that keeps it out of the queue, if there is one. */
export function findGuardrail(rules: readonly Guardrail[], attempt: Attempt): Guardrail | undefined {
  const first = [...rules, ...builtInGuardrails].find((rule) => fits(rule, attempt));
  return first?.rule === 'onlineOnly' ? first : undefined;
}
