// The pages before there is an engine: they have texts, and nothing to ask.
import type { Locale, Outpost } from '@outpost/client';
import { OutpostProvider, useText, type Catalogs } from '@outpost/react';
import type { ReactNode } from 'react';
import type { ShellMessageId } from './messages.js';

// No component below touches it; one that did would fail at once and by name.
const notOpen = new Proxy({} as Outpost, {
  get: (_target, name) => {
    if (typeof name === 'symbol') return undefined;
    throw new Error(`the client is not open yet: ${name}`);
  },
});

export function ShellTexts({ locale, messages, children }: { readonly locale: Locale; readonly messages: Catalogs; readonly children: ReactNode }): ReactNode {
  return (
    <OutpostProvider outpost={notOpen} locale={locale} messages={messages}>
      {children}
    </OutpostProvider>
  );
}

export function Opening(): ReactNode {
  const text = useText<ShellMessageId>();
  return (
    <main className="s-center" aria-busy="true">
      <h1>Outpost</h1>
      <p role="status">{text('shell.opening')}</p>
    </main>
  );
}

export function Failed({ message }: { readonly message: string }): ReactNode {
  const text = useText<ShellMessageId>();
  return (
    <main className="s-center">
      <h1>{text('shell.failed')}</h1>
      <p role="alert">{message}</p>
      <button type="button" className="o-button o-button-main" onClick={() => location.reload()}>
        {text('shell.reload')}
      </button>
    </main>
  );
}
