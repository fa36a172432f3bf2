// The tab's token: given, or asked for where the application says. Asked once at a time, however many want it.
import type { TokenSource } from '../api.js';

export class TokenKeeper {
  private last: string | null = null;
  private asked: Promise<string | null> | undefined;

  constructor(private source: TokenSource) {}

  change(source: TokenSource): void {
    this.source = source;
    this.forget();
  }

  /** There is a newer one. */
  forget(): void {
    this.last = null;
    this.asked = undefined;
  }

  async get(why: 'start' | 'expired'): Promise<string | null> {
    if (why === 'start' && this.last !== null) return this.last;
    this.asked ??= this.ask(why).finally(() => (this.asked = undefined));
    return this.asked;
  }

  private async ask(why: 'start' | 'expired'): Promise<string | null> {
    if (typeof this.source === 'string') return (this.last = this.source);
    try {
      this.last = await this.source(why);
    } catch {
      // The application could not get one now; it says so with tokenChanged() when it can.
      this.last = null;
    }
    return this.last;
  }
}

/** The device a token is bound to, if it is. Read, not verified: the server does that. */
export function deviceOfToken(token: string | null): string | undefined {
  try {
    const [, claims = ''] = (token ?? '').split('.');
    const read = JSON.parse(atob(claims.replace(/-/g, '+').replace(/_/g, '/'))) as { dev?: unknown };
    return typeof read.dev === 'string' ? read.dev : undefined;
  } catch {
    return undefined;
  }
}
