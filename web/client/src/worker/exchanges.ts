// Performs what the engine wants sent, and asks whether the server is there. Adds the base URL and the token; judges
// nothing: whatever comes back goes to the engine as it is.
import type { SendEffect } from '../engine/operations.js';

export type Outcome =
  | { readonly status: number; readonly contentType: string; readonly retryAfterMs?: number; readonly body: Uint8Array }
  | { readonly failure: string; readonly timedOut: boolean };

const probeTimeoutMs = 5_000;

function retryAfterOf(headers: Headers): number | undefined {
  const text = headers.get('retry-after');
  if (text === null) return undefined;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

export class Exchanges {
  private readonly underWay = new Set<AbortController>();
  private cut = false;
  /** The token that was last answered with 401. */
  refusedToken: string | null = null;

  constructor(
    private readonly url: string,
    private readonly token: () => Promise<string | null>,
  ) {}

  /** A pulled cable: what is under way is lost with its answers, what is sent meanwhile fails at once. */
  setCut(cut: boolean): void {
    this.cut = cut;
    if (cut) this.cancelAll();
  }
  get isCut(): boolean {
    return this.cut;
  }

  cancelAll(): void {
    for (const controller of this.underWay) controller.abort(new Error('the line was cut'));
    this.underWay.clear();
  }

  async perform(send: SendEffect): Promise<Outcome> {
    if (this.cut) return { failure: 'the line is cut', timedOut: false };
    const token = await this.token();
    const headers = { ...send.headers, ...(token === null ? {} : { Authorization: `Bearer ${token}` }) };
    const bodiless = send.method === 'GET' || send.method === 'HEAD';
    return this.within(send.timeoutMs, async (signal) => {
      const response = await fetch(this.url + send.target, {
        method: send.method,
        headers,
        signal,
        cache: 'no-store',
        credentials: 'omit',
        ...(bodiless ? {} : { body: send.body }),
      });
      if (response.status === 401) this.refusedToken = token;
      const body = new Uint8Array(await response.arrayBuffer());
      const retryAfterMs = retryAfterOf(response.headers);
      const contentType = response.headers.get('content-type') ?? '';
      return { status: response.status, contentType, body, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
    });
  }

  /** W10: the server's own health page, not just somebody's "200 OK". */
  async probe(): Promise<boolean> {
    if (this.cut) return false;
    const outcome = await this.within(probeTimeoutMs, async (signal) => {
      const response = await fetch(`${this.url}/healthz`, { signal, cache: 'no-store', credentials: 'omit' });
      const body = new Uint8Array(await response.arrayBuffer());
      return { status: response.status, contentType: response.headers.get('content-type') ?? '', body };
    });
    if ('failure' in outcome || outcome.status !== 200) return false;
    try {
      const health: unknown = JSON.parse(new TextDecoder().decode(outcome.body));
      return typeof health === 'object' && health !== null && (health as { status?: unknown }).status === 'ok';
    } catch {
      return false;
    }
  }

  /** What the server knows of a device; undefined: no answer, or it knows nothing. */
  async highestN(device: string): Promise<number | undefined> {
    const outcome = await this.perform({
      effect: 'send',
      exchange: 0,
      timeoutMs: probeTimeoutMs,
      method: 'GET',
      target: `/sync/status?deviceId=${encodeURIComponent(device)}`,
      headers: {},
      body: '',
    });
    if ('failure' in outcome || outcome.status !== 200) return undefined;
    try {
      const status = JSON.parse(new TextDecoder().decode(outcome.body)) as { device?: { highestN?: unknown } | null };
      const highest = status.device?.highestN;
      return typeof highest === 'number' ? highest : undefined;
    } catch {
      return undefined;
    }
  }

  private async within(timeoutMs: number, body: (signal: AbortSignal) => Promise<Outcome>): Promise<Outcome> {
    const controller = new AbortController();
    this.underWay.add(controller);
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      controller.abort();
    }, timeoutMs);
    try {
      return await body(controller.signal);
    } catch (error) {
      return { failure: error instanceof Error ? error.message : String(error), timedOut };
    } finally {
      clearTimeout(timer);
      this.underWay.delete(controller);
    }
  }
}
