// The kitchen screen: the tickets of a station, oldest first, and how the line is.
import { keep, recall, useCable, useToldToParent, type AppContext } from '@outpost/app-shell';
import { ConnectionBanner, Dialog, Notices, SyncPanel, useLiveQuery, useText } from '@outpost/react';
import { useMemo, useState, type ReactNode } from 'react';
import { useBell } from './bell.js';
import { useTicketKeys } from './keyboard.js';
import type { KitchenMessageId } from './messages.js';
import { byAge, nextStep, openTickets, type Ticket, type TicketDocument } from './model.js';
import { SettingsDialog } from './settings_dialog.js';
import { useSla } from './sla.js';
import { TicketCard } from './ticket_card.js';

// One query over all that are open, so that a ticket never leaves the screen between two of its steps.
function useTickets(): { readonly tickets: readonly TicketDocument[]; readonly ready: boolean } {
  const { documents, state } = useLiveQuery<Ticket>(openTickets);
  const tickets = useMemo(() => documents.filter(({ doc }) => nextStep(doc.status) !== undefined).sort(byAge), [documents]);
  return { tickets, ready: state === 'ready' };
}

type Overlay = 'none' | 'panel' | 'settings';

export function Kitchen(context: AppContext): ReactNode {
  const text = useText<KitchenMessageId>();
  const { tickets, ready } = useTickets();
  const [station, setStation] = useState(() => new URLSearchParams(location.search).get('station') ?? recall<string>('kitchen.station') ?? '');
  const [overlay, setOverlay] = useState<Overlay>('none');
  const [sla, setSla] = useSla();
  const cable = useCable(context.session.demo);
  useToldToParent();
  const mine = useMemo(() => (station === '' ? tickets : tickets.filter(({ doc }) => doc.station === station)), [tickets, station]);
  const bell = useBell(mine, ready);
  useTicketKeys(() => bell.setMuted(!bell.muted));
  const stations = [...new Set([...tickets.map(({ doc }) => doc.station), ...(station === '' ? [] : [station])])].sort();
  const choose = (name: string): void => {
    keep('kitchen.station', name);
    setStation(name);
  };
  return (
    <>
      <header className="k-head">
        <h1>{station === '' ? text('kitchen.title') : station}</h1>
        <ConnectionBanner shows="tickets" onOpen={() => setOverlay('panel')} />
        <button type="button" className="o-button" aria-pressed={!bell.muted} onClick={() => bell.setMuted(!bell.muted)}>
          {text(bell.muted ? 'kitchen.sound.off' : 'kitchen.sound.on')}
        </button>
        <button type="button" className="o-button" onClick={() => setOverlay('settings')}>
          {text('kitchen.settings')}
        </button>
      </header>
      <Notices onAttention={() => setOverlay('panel')} onSignIn={context.signInAgain} />
      <main className="k-main">
        <StationBar stations={stations} station={station} count={mine.length} onChoose={choose} />
        {ready && mine.length === 0 && <p className="k-empty">{text('kitchen.empty')}</p>}
        <ul className="k-tickets">
          {mine.map((ticket) => (
            <TicketCard key={ticket.id} ticket={ticket} sla={sla} showStation={station === ''} />
          ))}
        </ul>
      </main>
      <span className="o-unseen" role="status">
        {bell.newest !== undefined && text('kitchen.newTicket', { number: bell.newest.doc.number })}
      </span>
      {overlay === 'panel' && (
        <Dialog title={text('panel.title')} place="side" onClose={() => setOverlay('none')}>
          <SyncPanel />
        </Dialog>
      )}
      {overlay === 'settings' && <SettingsDialog context={context} sla={sla} onSla={setSla} cable={cable} onClose={() => setOverlay('none')} />}
    </>
  );
}

interface StationBarProps {
  readonly stations: readonly string[];
  readonly station: string;
  readonly count: number;
  readonly onChoose: (station: string) => void;
}

function StationBar({ stations, station, count, onChoose }: StationBarProps): ReactNode {
  const text = useText<KitchenMessageId>();
  return (
    <fieldset className="o-choice k-stations">
      <legend className="o-unseen">{text('kitchen.station')}</legend>
      {['', ...stations].map((name) => (
        <label key={name} className="o-chip">
          <input type="radio" name="station" checked={station === name} onChange={() => onChoose(name)} />
          <span>{name === '' ? text('kitchen.station.all') : name}</span>
        </label>
      ))}
      <p className="k-count">{text('kitchen.count', { count })}</p>
    </fieldset>
  );
}
