// What is being tapped together and not yet an order. Kept by the browser after every tap, so that a reload loses
// nothing; the id it carries becomes the order's id and the key of its commands, so that a page that dies between saving
// and forgetting saves once.
import { keep, recall } from '@outpost/app-shell';
import { useOutpost } from '@outpost/react';
import { useState } from 'react';

export interface DraftLine {
  readonly sku: string;
  readonly name: string;
  readonly unitPrice: number;
  readonly station?: string;
  readonly quantity: number;
  readonly note?: string;
}

export interface Draft {
  readonly id: string;
  readonly lines: readonly DraftLine[];
}

const storageName = (place: string): string => `draft.${place}`;

export const draftLinesAt = (place: string): number => recall<Draft>(storageName(place))?.lines.length ?? 0;

export const totalOf = (lines: readonly { quantity: number; unitPrice: number }[]): number =>
  lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0);

/** One more of it: the same dish without a note is counted up, anything else is a line of its own. */
export function withOneMore(lines: readonly DraftLine[], added: Omit<DraftLine, 'quantity'>): readonly DraftLine[] {
  const index = lines.findIndex(({ sku, note }) => sku === added.sku && note === undefined);
  if (index < 0) return [...lines, { ...added, quantity: 1 }];
  return lines.map((line, i) => (i === index ? { ...line, quantity: line.quantity + 1 } : line));
}

export interface DraftControls {
  readonly draft: Draft;
  add(line: Omit<DraftLine, 'quantity'>): void;
  /** Undefined removes it. */
  replace(index: number, line: DraftLine | undefined): void;
  clear(): void;
}

/** The draft at a place: a table, the takeaway counter, an order. */
export function useDraft(place: string): DraftControls {
  const outpost = useOutpost();
  const at = (where: string): Placed => ({ place: where, draft: recall<Draft>(storageName(where)) ?? { id: outpost.newId(), lines: [] } });
  const [placed, setPlaced] = useState<Placed>(() => at(place));
  if (placed.place !== place) setPlaced(at(place));
  const change = (lines: (before: readonly DraftLine[]) => readonly DraftLine[]): void =>
    setPlaced((before) => {
      const draft = { ...before.draft, lines: lines(before.draft.lines) };
      keep(storageName(before.place), draft.lines.length === 0 ? undefined : draft);
      return { ...before, draft };
    });
  return {
    draft: placed.draft,
    add: (line) => change((lines) => withOneMore(lines, line)),
    replace: (index, line) => change((lines) => lines.flatMap((one, i) => (i !== index ? [one] : line === undefined ? [] : [line]))),
    clear: () => {
      keep(storageName(place), undefined);
      setPlaced(at(place));
    },
  };
}

interface Placed {
  readonly place: string;
  readonly draft: Draft;
}
