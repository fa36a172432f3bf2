// Starts an application: language, session, engine, in this order, with a page to look at from the first moment.
import { messageOf, openOutpost, registerShell, type Locale, type Outpost, type OutpostOptions } from '@outpost/client';
import { OutpostProvider, type Catalogs } from '@outpost/react';
import { StrictMode, useEffect, useMemo, useState, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { useLanguage } from './language.js';
import { withShell } from './messages.js';
import { Opening, Failed, ShellTexts } from './opening.js';
import { findSession, forgetToken, keepSession, lastSession, tokenSource, type Identity, type Session } from './session.js';
import { SignIn } from './sign_in.js';

export interface AppContext {
  readonly locale: Locale;
  readonly chooseLocale: (locale: Locale) => void;
  readonly session: Session;
  /** For a person whose sign-in has run out: what waits stays on the device. */
  readonly signInAgain: () => void;
}

export interface AppDefinition {
  readonly identity: Identity;
  readonly messages: Catalogs;
  readonly options?: Pick<OutpostOptions, 'collections' | 'indexes' | 'release' | 'storage'>;
  readonly render: (context: AppContext) => ReactNode;
}

export function startApp(definition: AppDefinition): void {
  const element = document.getElementById('app');
  if (element === null) throw new Error('the page has no element #app');
  createRoot(element).render(
    <StrictMode>
      <Starting definition={definition} />
    </StrictMode>,
  );
  const { app } = definition.identity;
  void registerShell({ script: `/apps/${app}/sw.js`, scope: `/apps/${app}` }).catch(() => false);
}

type Stage =
  | { readonly at: 'session' }
  | { readonly at: 'signIn' }
  | { readonly at: 'ready'; readonly outpost: Outpost; readonly session: Session }
  | { readonly at: 'failed'; readonly error: unknown };

function Starting({ definition }: { readonly definition: AppDefinition }): ReactNode {
  const { identity, render } = definition;
  const [locale, chooseLocale] = useLanguage();
  const messages = useMemo(() => withShell(definition.messages), [definition.messages]);
  const [stage, setStage] = useState<Stage>({ at: 'session' });

  useEffect(() => {
    let shown = true;
    begin(definition).then(
      (next) => (shown ? setStage(next) : undefined),
      (error: unknown) => (shown ? setStage({ at: 'failed', error }) : undefined),
    );
    return () => {
      shown = false;
    };
  }, [definition]);

  switch (stage.at) {
    case 'session':
      return (
        <ShellTexts locale={locale} messages={messages}>
          <Opening />
        </ShellTexts>
      );
    case 'failed':
      return (
        <ShellTexts locale={locale} messages={messages}>
          <Failed message={messageOf(stage.error, locale)} />
        </ShellTexts>
      );
    case 'signIn':
      return (
        <ShellTexts locale={locale} messages={messages}>
          <SignIn
            user={identity.user}
            workspace={lastSession(identity)?.workspace ?? ''}
            onSignIn={(session) => {
              keepSession(identity, session);
              open(definition, session).then(setStage, (error: unknown) => setStage({ at: 'failed', error }));
            }}
          />
        </ShellTexts>
      );
    case 'ready':
      return (
        <OutpostProvider outpost={stage.outpost} locale={locale} messages={messages}>
          {render({ locale, chooseLocale, session: stage.session, signInAgain: signInAgain(identity, stage.session) })}
        </OutpostProvider>
      );
  }
}

// The engine's tabs end with the page; the next start asks who works here.
const signInAgain = (identity: Identity, session: Session) => () => {
  if (!session.demo) forgetToken(identity, session);
  location.reload();
};

// Once per page, also when React mounts twice.
let beginning: Promise<Stage> | undefined;

function begin(definition: AppDefinition): Promise<Stage> {
  beginning ??= findSession(definition.identity).then((session) => (session === undefined ? { at: 'signIn' } : open(definition, session)));
  return beginning;
}

async function open({ identity, options }: AppDefinition, session: Session): Promise<Stage> {
  const { workspace, user } = session;
  const outpost = await openOutpost({ workspace, user, token: tokenSource(identity, session), ...options });
  (window as { outpost?: Outpost }).outpost = outpost; // for a look from the console
  return { at: 'ready', outpost, session };
}
