// Tickets as the kitchen sees them.
import type { Query, VisibleDocument } from '@outpost/client';

export type TicketStatus = 'QUEUED' | 'IN_PROGRESS' | 'READY' | 'BUMPED' | 'CANCELLED';

export interface TicketItem {
  readonly lineId: string;
  readonly name: string;
  readonly quantity: number;
  readonly note?: string;
}

export interface Ticket {
  readonly id: string;
  readonly orderId: string;
  readonly number: string;
  readonly tableId: string | null;
  readonly station: string;
  readonly status: TicketStatus;
  readonly items: readonly TicketItem[];
  readonly waiterName: string;
  readonly sentAt: string;
}

export type TicketDocument = VisibleDocument<Ticket>;

/** The statuses of open tickets (in progress, queued, ready) are the last ones in the alphabet: a range of the index. */
export const openTickets: Query = { collection: 'tickets', where: [{ field: 'status', is: '>=', value: 'IN_PROGRESS' }] };

/** Oldest first. */
export function byAge(a: TicketDocument, b: TicketDocument): number {
  if (a.doc.sentAt !== b.doc.sentAt) return a.doc.sentAt < b.doc.sentAt ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}

export interface Step {
  readonly command: string;
  readonly name: 'start' | 'ready' | 'bump';
}

/** What is done next with a ticket; undefined: nothing. */
export function nextStep(status: TicketStatus): Step | undefined {
  switch (status) {
    case 'QUEUED':
      return { command: 'TICKET_START_V1', name: 'start' };
    case 'IN_PROGRESS':
      return { command: 'TICKET_MARK_READY_V1', name: 'ready' };
    case 'READY':
      return { command: 'TICKET_BUMP_V1', name: 'bump' };
    default:
      return undefined;
  }
}
