// The sound of a new ticket: two short tones, made here, so that nothing has to be loaded. Browsers are silent until a
// person has touched the page; muting is remembered.
import { keep, recall } from '@outpost/app-shell';
import { useEffect, useRef, useState } from 'react';
import type { TicketDocument } from './model.js';

const tones = [
  { frequency: 880, at: 0 },
  { frequency: 1174, at: 0.16 },
];
const toneSeconds = 0.14;
const volume = 0.35;

let context: AudioContext | undefined;

function ring(): void {
  context ??= new AudioContext();
  void context.resume();
  for (const { frequency, at } of tones) {
    const start = context.currentTime + at;
    const oscillator = context.createOscillator();
    const gain = context.createGain();
    oscillator.frequency.value = frequency;
    gain.gain.setValueAtTime(volume, start);
    gain.gain.exponentialRampToValueAtTime(0.001, start + toneSeconds);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(start);
    oscillator.stop(start + toneSeconds);
  }
}

export interface Bell {
  readonly muted: boolean;
  setMuted(muted: boolean): void;
  /** The newest ticket that rang, for those who cannot hear. */
  readonly newest: TicketDocument | undefined;
}

/** Rings once for tickets that were not there before; not for those of the first look. */
export function useBell(tickets: readonly TicketDocument[], ready: boolean): Bell {
  const [muted, setMuted] = useState(() => recall<boolean>('kitchen.muted') ?? false);
  const [newest, setNewest] = useState<TicketDocument>();
  const known = useRef<Set<string> | undefined>(undefined);
  useEffect(() => {
    if (!ready) return;
    const before = known.current;
    const fresh = before === undefined ? [] : tickets.filter(({ id, doc }) => doc.status === 'QUEUED' && !before.has(id));
    known.current = new Set([...(before ?? []), ...tickets.map(({ id }) => id)]);
    if (fresh.length === 0) return;
    setNewest(fresh.at(-1));
    if (!muted) ring();
  }, [tickets, ready, muted]);
  return {
    muted,
    newest,
    setMuted: (next) => {
      keep('kitchen.muted', next);
      setMuted(next);
      if (!next) ring();
    },
  };
}
