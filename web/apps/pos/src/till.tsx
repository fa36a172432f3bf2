// The till: a head that never goes away, and below it tables, orders or one order.
import { CableSwitch, LanguageChoice, useCable, useToldToParent, type AppContext, type ShellMessageId } from '@outpost/app-shell';
import { ConflictDialog, ConnectionBanner, Dialog, Icon, Notices, SyncPanel, useText } from '@outpost/react';
import type { CommandRecord } from '@outpost/client';
import { useState, type ReactNode } from 'react';
import type { PosMessageId } from './messages.js';
import { OrderScreen } from './order/order_screen.js';
import { Orders } from './orders.js';
import { Tables } from './tables.js';

/** What is open: the order of a table, of nobody's table, or one chosen from the list. */
export interface Chosen {
  readonly tableId: string | null;
  readonly orderId?: string;
}

type View = 'tables' | 'orders';
type Overlay = 'none' | 'panel' | 'attention' | 'options';

export function Till(context: AppContext): ReactNode {
  const text = useText<PosMessageId | ShellMessageId>();
  const [view, setView] = useState<View>('tables');
  const [chosen, setChosen] = useState<Chosen>();
  const [overlay, setOverlay] = useState<Overlay>('none');
  const [conflict, setConflict] = useState<CommandRecord>();
  const [pulled, pull] = useCable(context.session.demo);
  useToldToParent();
  const show = (next: View): void => {
    setView(next);
    setChosen(undefined);
  };
  return (
    <>
      <header className="p-head">
        <nav className="p-tabs" aria-label={text('pos.title')}>
          {(['tables', 'orders'] as const).map((name) => (
            <button key={name} type="button" className="p-tab" aria-current={chosen === undefined && view === name ? 'page' : undefined} onClick={() => show(name)}>
              {text(`pos.${name}`)}
            </button>
          ))}
        </nav>
        <ConnectionBanner onOpen={() => setOverlay('panel')} />
        <button type="button" className="o-button p-options" onClick={() => setOverlay('options')}>
          <Icon name="person" />
          {context.session.user}
        </button>
      </header>
      <Notices onAttention={() => setOverlay('attention')} onSignIn={context.signInAgain} />
      <main className="p-main">
        {chosen !== undefined ? (
          <OrderScreen key={chosen.orderId ?? chosen.tableId ?? ''} chosen={chosen} onBack={() => setChosen(undefined)} onConflict={setConflict} />
        ) : view === 'tables' ? (
          <Tables onChoose={setChosen} onConflict={setConflict} />
        ) : (
          <Orders onChoose={setChosen} onConflict={setConflict} />
        )}
      </main>
      {(overlay === 'panel' || overlay === 'attention') && (
        <Dialog title={text('panel.title')} place="side" onClose={() => setOverlay('none')}>
          <SyncPanel initialFilter={overlay === 'attention' ? 'attention' : 'open'} />
        </Dialog>
      )}
      {overlay === 'options' && (
        <Dialog title={text('shell.options')} onClose={() => setOverlay('none')}>
          <div className="o-actions">
            <LanguageChoice locale={context.locale} onChoose={context.chooseLocale} />
            {context.session.demo && <CableSwitch pulled={pulled} onPull={pull} />}
          </div>
        </Dialog>
      )}
      {conflict !== undefined && <ConflictDialog command={conflict.id} onClose={() => setConflict(undefined)} />}
    </>
  );
}
