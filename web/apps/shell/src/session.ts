// Who works here and where the token comes from: the demo server hands them out, elsewhere people bring one. What was
// known at the last start is enough for the next one: an application opens with the server gone.
import type { TokenSource } from '@outpost/client';
import { keep, recall } from './keep.js';

export interface Session {
  readonly workspace: string;
  readonly user: string;
  readonly demo: boolean;
  readonly token: string;
}

export interface Identity {
  /** Distinguishes what is kept for this application from another's on the same origin. */
  readonly app: string;
  readonly user: string;
  readonly roles: readonly string[];
}

const demoWorkspace = 'demo';
const patienceMs = 3_000;

/** What is known, or what a demo server gives; undefined: people have to sign in. */
export async function findSession(identity: Identity): Promise<Session | undefined> {
  const kept = lastSession(identity);
  if (kept?.token === '') return undefined;
  if (kept !== undefined && !(kept.demo && isEnding(kept.token))) return kept;
  const token = await demoToken(identity);
  if (token === undefined) return kept;
  return keepSession(identity, { workspace: demoWorkspace, user: identity.user, demo: true, token });
}

/** Who worked here last; without a token when they have to bring a new one. */
export const lastSession = (identity: Identity): Session | undefined => recall<Session>(nameOf(identity));

/** The next start asks for a new token: of a person who brought one, whose time has run out. */
export function forgetToken(identity: Identity, session: Session): void {
  keep(nameOf(identity), { ...session, token: '' });
}

export function keepSession(identity: Identity, session: Session): Session {
  keep(nameOf(identity), session);
  return session;
}

/** A demo's token is renewed; one that people brought is asked for again (null). */
export function tokenSource(identity: Identity, session: Session): TokenSource {
  return async (why) => {
    if (why === 'start') return session.token;
    if (!session.demo) return null;
    const token = await demoToken(identity);
    if (token !== undefined) keepSession(identity, { ...session, token });
    return token ?? null;
  };
}

const nameOf = ({ app, user }: Identity): string => `session.${app}.${user}`;

async function demoToken({ user, roles }: Identity): Promise<string | undefined> {
  try {
    const body = JSON.stringify({ workspace: demoWorkspace, user, roles });
    const headers = { 'Content-Type': 'application/json' };
    const answer = await fetch('/auth/demo-token', { method: 'POST', headers, body, signal: AbortSignal.timeout(patienceMs) });
    if (!answer.ok) return undefined;
    const { token } = (await answer.json()) as { token?: string };
    return token;
  } catch {
    return undefined;
  }
}

/** Its own word for it, to renew it early; the server decides. */
function isEnding(token: string): boolean {
  try {
    const { exp } = JSON.parse(atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/'))) as { exp: number };
    return exp * 1000 < Date.now() + 60_000;
  } catch {
    return true;
  }
}
