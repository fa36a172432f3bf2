// How long a ticket may wait before it turns orange and red. Computed on the device from its own clock and kept there:
// each station may want its own. A finished ticket keeps no colour.
import { keep, recall } from '@outpost/app-shell';
import { useState } from 'react';
import type { TicketStatus } from './model.js';

export interface Sla {
  readonly soonMinutes: number;
  readonly lateMinutes: number;
}

export type Urgency = 'calm' | 'soon' | 'late' | 'done';

const defaults: Sla = { soonMinutes: 5, lateMinutes: 10 };
const minute = 60_000;

export const minutesSince = (sentAt: string, now: number): number => Math.max(0, Math.floor((now - Date.parse(sentAt)) / minute));

export function urgencyOf(status: TicketStatus, minutes: number, { soonMinutes, lateMinutes }: Sla): Urgency {
  if (status === 'READY') return 'done';
  if (minutes >= lateMinutes) return 'late';
  return minutes >= soonMinutes ? 'soon' : 'calm';
}

export function useSla(): [Sla, (sla: Sla) => void] {
  const [sla, setSla] = useState<Sla>(() => recall<Sla>('kitchen.sla') ?? defaults);
  const change = (next: Sla): void => {
    keep('kitchen.sla', next);
    setSla(next);
  };
  return [sla, change];
}
