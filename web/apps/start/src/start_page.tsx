// The demo's start page: the promise in three steps, both applications side by side, the cable, and a second terminal.
import { findSession, LanguageChoice, ShellTexts, tokenSource, useLanguage, withShell, type Identity, type StateMessage } from '@outpost/app-shell';
import { openOutpost } from '@outpost/client';
import { Icon, useNumber, useText } from '@outpost/react';
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
  const [till, setTill] = useState<StateMessage>();
  const [step, setStep] = useState(1);
  useEffect(() => setStep((at) => stepAfter(at, pulled, till)), [pulled, till]);
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
        <Step number={1} at={step}>
          {text('start.step.order')}
        </Step>
        <Step number={2} at={step}>
          {text('start.step.pull')}
          <Switch label={text('start.cable')} cable on={pulled} onChange={setPulled} />
        </Step>
        <Step number={3} at={step}>
          <span role="status">{text(step > 3 ? 'start.step.done' : 'start.step.put')}</span>
        </Step>
        <li className="t-aside">
          <SecondTerminalSwitch />
        </li>
      </ol>
      <div className="t-apps">
        <AppFrame key={`pos ${locale}`} app="pos" title="start.till" locale={locale} pulled={pulled} onState={setTill} />
        <AppFrame key={`kitchen ${locale}`} app="kitchen" title="start.kitchen" locale={locale} />
      </div>
      <footer>
        <a href="/demo/status">{text('start.status')}</a>
      </footer>
    </main>
  );
}

/** Where in the story a person is: order, pull the cable, put it back with something waiting; 4: seen it all. */
function stepAfter(at: number, pulled: boolean, till: StateMessage | undefined): number {
  const waiting = (till?.waiting ?? 0) > 0;
  if (pulled) return waiting && till?.line === 'cut' ? 3 : at === 1 || at === 4 ? 2 : at;
  if (at === 1 && waiting) return 2;
  return at === 3 && till?.line === 'online' && !waiting ? 4 : at;
}

function Step({ number, at, children }: { readonly number: number; readonly at: number; readonly children: ReactNode }): ReactNode {
  const figure = useNumber();
  const state = number < at ? 'done' : number === at ? 'now' : 'next';
  return (
    <li className={`t-step t-step-${state}`} aria-current={state === 'now' ? 'step' : undefined}>
      <span className="t-number" aria-hidden="true">
        {state === 'done' ? <Icon name="check" /> : figure(number)}
      </span>
      <div>{children}</div>
    </li>
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
