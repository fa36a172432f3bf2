// The demo's start page: the promise in three steps, both applications side by side, the cable, and a second terminal.
import { findSession, LanguageChoice, ShellTexts, tokenSource, useLanguage, withShell, type Identity } from '@outpost/app-shell';
import { openOutpost } from '@outpost/client';
import { useText } from '@outpost/react';
import { useEffect, useState, type ReactNode } from 'react';
import { AppFrame } from './frame.js';
import { messages, type StartMessageId } from './messages.js';
import { SecondTerminal, type Turn } from './second_terminal.js';

const secondTerminal: Identity = { app: 'start', user: 'sam', roles: ['staff'] };
const texts = withShell(messages);

// One for the page, also when React mounts twice.
let opening: Promise<SecondTerminal | undefined> | undefined;
let heard: (turn: Turn) => void = () => undefined;

async function openSecondTerminal(): Promise<SecondTerminal | undefined> {
  const session = await findSession(secondTerminal);
  if (session === undefined) return undefined;
  const { workspace, user } = session;
  const outpost = await openOutpost({ workspace, user, token: tokenSource(secondTerminal, session), storage: 'memory', persist: false });
  return new SecondTerminal(outpost, (turn) => heard(turn));
}

export function StartPage(): ReactNode {
  const [locale, chooseLocale] = useLanguage();
  return (
    <ShellTexts locale={locale} messages={texts}>
      <Stage locale={locale} language={<LanguageChoice locale={locale} onChoose={chooseLocale} />} />
    </ShellTexts>
  );
}

function Stage({ locale, language }: { readonly locale: string; readonly language: ReactNode }): ReactNode {
  const text = useText<StartMessageId>();
  const [pulled, setPulled] = useState(false);
  return (
    <main className="t-page">
      <header className="t-head">
        <div>
          <h1>{text('start.title')}</h1>
          <p>{text('start.intro')}</p>
        </div>
        {language}
      </header>
      <ol className="t-steps">
        <li>{text('start.step.order')}</li>
        <li>
          {text('start.step.pull')}
          <Switch label={text('start.cable')} cable on={pulled} onChange={setPulled} />
        </li>
        <li>{text('start.step.put')}</li>
        <li>
          <SecondTerminalSwitch />
        </li>
      </ol>
      <div className="t-apps">
        <AppFrame key={`pos ${locale}`} app="pos" title="start.till" locale={locale} pulled={pulled} />
        <AppFrame key={`kitchen ${locale}`} app="kitchen" title="start.kitchen" locale={locale} />
      </div>
      <footer>
        <a href="/demo/status">{text('start.status')}</a>
      </footer>
    </main>
  );
}

function Switch({ label, on, cable = false, onChange }: { readonly label: string; readonly on: boolean; readonly cable?: boolean; readonly onChange: (on: boolean) => void }): ReactNode {
  return (
    <label className={cable ? 's-switch s-cable' : 's-switch'}>
      <input type="checkbox" role="switch" checked={on} onChange={({ target }) => onChange(target.checked)} />
      <span>{label}</span>
    </label>
  );
}

function SecondTerminalSwitch(): ReactNode {
  const text = useText<StartMessageId>();
  const [on, setOn] = useState(true);
  const [orders, setOrders] = useState(0);
  const [last, setLast] = useState<Turn>('idle');
  useEffect(() => {
    heard = (turn) => {
      setLast(turn);
      if (turn === 'ordered') setOrders((count) => count + 1);
    };
    opening ??= openSecondTerminal();
    let wanted = on;
    void opening.then((terminal) => (wanted ? terminal?.start() : terminal?.stop())).catch(() => undefined);
    return () => {
      wanted = false;
      void opening?.then((terminal) => terminal?.stop()).catch(() => undefined);
    };
  }, [on]);
  return (
    <>
      <Switch label={text('start.second')} on={on} onChange={setOn} />
      <p role="status">{last === 'full' ? text('start.second.busy') : text('start.second.done', { count: orders })}</p>
    </>
  );
}
