// One ticket, to be read from three metres: number, age as a coloured head with a word, the dishes, one big button.
import { RecordBadge, useAction, useApiError, useName, useNumber, useOutpost, useText, useTicking, ErrorText } from '@outpost/react';
import { memo, type ReactNode } from 'react';
import type { KitchenMessageId } from './messages.js';
import { nextStep, type TicketDocument, type TicketItem } from './model.js';
import { minutesSince, urgencyOf, type Sla } from './sla.js';

export interface TicketCardProps {
  readonly ticket: TicketDocument;
  readonly sla: Sla;
  readonly showStation: boolean;
}

export const TicketCard = memo(function TicketCard({ ticket, sla, showStation }: TicketCardProps): ReactNode {
  const text = useText<KitchenMessageId>();
  const named = useName();
  const { doc } = ticket;
  const minutes = useTicking((now) => minutesSince(doc.sentAt, now));
  const urgency = urgencyOf(doc.status, minutes, sla);
  const age = text('kitchen.minutes', { count: minutes });
  const status = text(`kitchen.status.${doc.status}`);
  return (
    <li className={`k-ticket k-${urgency}`} data-ticket={ticket.id} aria-label={text('kitchen.ticket', { number: doc.number, age, status })}>
      <header className="k-ticket-head">
        <strong>
          <bdi>{doc.number}</bdi>
        </strong>
        <span>{doc.tableId === null ? text('kitchen.takeaway') : text('kitchen.table', { name: named(doc.tableId) })}</span>
        <span className="k-age">
          {age}
          {urgency === 'soon' && <b> {text('kitchen.soon')}</b>}
          {urgency === 'late' && <b> {text('kitchen.late')}</b>}
        </span>
      </header>
      <ul className="k-items">
        {doc.items.map((item) => (
          <Item key={item.lineId} item={item} />
        ))}
      </ul>
      <footer className="k-ticket-foot">
        <p>
          <span>{status}</span> · <bdi>{doc.waiterName}</bdi>
          {showStation && (
            <>
              {' · '}
              <bdi>{doc.station}</bdi>
            </>
          )}
        </p>
        <RecordBadge record={{ collection: 'tickets', id: ticket.id }} quiet />
        <NextStep ticket={ticket} />
      </footer>
    </li>
  );
});

function Item({ item }: { readonly item: TicketItem }): ReactNode {
  const number = useNumber();
  return (
    <li>
      <b>{number(item.quantity)} ×</b> <bdi>{item.name}</bdi>
      {item.note !== undefined && item.note !== '' && <em dir="auto">{item.note}</em>}
    </li>
  );
}

function NextStep({ ticket }: { readonly ticket: TicketDocument }): ReactNode {
  const text = useText<KitchenMessageId>();
  const outpost = useOutpost();
  const step = nextStep(ticket.doc.status);
  const go = useAction((command: string) => outpost.execute(command, { id: ticket.id }));
  const error = useApiError()(go.error);
  if (step === undefined) return null;
  return (
    <>
      {error !== undefined && <ErrorText>{error.message}</ErrorText>}
      {/* Never disabled: that would take the focus of a bump bar away; the action ignores what comes while it runs. */}
      <button type="button" className={`k-step k-step-${step.name}`} aria-disabled={go.busy} onClick={() => void go.run(step.command)}>
        {text(`kitchen.${step.name}`)}
      </button>
    </>
  );
}
