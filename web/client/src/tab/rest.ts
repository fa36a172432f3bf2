// A write sent at once, past the queue: what may not wait, and what its caller does not want to wait. Its answer counts only
// if it is the server's: one that names the key (Outpost-Receipt) or carries a problem of ours. Anything else, a captive
// portal's page with status 200 included, is a network failure.
import type { JsonObject, Problem } from '../api.js';
import { errorOfProblem, OutpostError } from '../errors.js';

export interface RestRequest {
  readonly method: string;
  readonly path: string;
  readonly body: JsonObject | undefined;
  readonly key: string;
  readonly expectedVersion?: number | undefined;
  readonly traceparent?: string | undefined;
  readonly timeoutMs: number;
}

export interface RestAnswer<T> {
  readonly status: number;
  readonly data: T;
  readonly replayed: boolean;
}

function headersOf(request: RestRequest, token: string | null): Record<string, string> {
  return {
    'Idempotency-Key': request.key,
    ...(request.body === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
    ...(request.expectedVersion === undefined ? {} : { 'If-Match': `"${request.expectedVersion}"` }),
    ...(request.traceparent === undefined ? {} : { traceparent: request.traceparent }),
  };
}

function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && typeof (value as { code?: unknown }).code === 'string';
}

async function judge<T>(response: Response, key: string): Promise<RestAnswer<T>> {
  const foreign = new OutpostError('NETWORK_ERROR', 'the answer is not the server’s', { status: response.status });
  let body: unknown;
  try {
    body = JSON.parse(await response.text());
  } catch {
    throw foreign;
  }
  if (!response.ok) {
    if (!isProblem(body)) throw foreign;
    throw errorOfProblem(body, response.status);
  }
  const [receiptKey] = (response.headers.get('outpost-receipt') ?? '').split(' ');
  if (receiptKey !== key) throw foreign;
  return { status: response.status, data: body as T, replayed: response.headers.get('idempotency-replayed') === 'true' };
}

export async function sendNow<T>(url: string, request: RestRequest, token: string | null): Promise<RestAnswer<T>> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), request.timeoutMs);
  let response: Response;
  try {
    response = await fetch(url + request.path, {
      method: request.method,
      headers: headersOf(request, token),
      signal: controller.signal,
      cache: 'no-store',
      credentials: 'omit',
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    });
    return await judge<T>(response, request.key);
  } catch (error) {
    if (error instanceof OutpostError) throw error;
    throw new OutpostError('NETWORK_ERROR', `no answer: ${String(error)}`);
  } finally {
    clearTimeout(timer);
  }
}
