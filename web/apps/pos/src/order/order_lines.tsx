// The lines of an order in three groups: new ones being tapped together, saved ones, and those the kitchen has.
import { useMoney, useNumber, useText } from '@outpost/react';
import type { ReactNode } from 'react';
import type { PosMessageId } from '../messages.js';
import type { Line } from '../model.js';
import type { DraftLine } from './draft.js';

export interface OrderLinesProps {
  readonly draft: readonly DraftLine[];
  readonly lines: readonly Line[];
  /** Not on the server yet: so neither in the kitchen. */
  readonly pending: boolean;
  readonly currency: string;
  readonly onDraftLine: (index: number) => void;
  readonly onLine: (line: Line) => void;
}

export function OrderLines({ draft, lines, pending, currency, onDraftLine, onLine }: OrderLinesProps): ReactNode {
  const text = useText<PosMessageId>();
  const saved = lines.filter(({ sent }) => !sent);
  const sent = lines.filter((line) => line.sent);
  if (draft.length === 0 && lines.length === 0) return <p className="o-empty">{text('pos.emptyOrder')}</p>;
  return (
    <>
      <Group title={text('pos.lines.new')} tone="new">
        {draft.map((line, i) => (
          <LineRow key={`${line.sku} ${i}`} line={line} currency={currency} onTap={() => onDraftLine(i)} />
        ))}
      </Group>
      <Group title={text('pos.lines.saved')} tone="saved">
        {saved.map((line) => (
          <LineRow key={line.lineId} line={line} currency={currency} onTap={() => onLine(line)} />
        ))}
      </Group>
      <Group title={text(pending ? 'pos.lines.leaving' : 'pos.lines.sent')} tone="sent">
        {sent.map((line) => (
          <LineRow key={line.lineId} line={line} currency={currency} onTap={() => onLine(line)} />
        ))}
      </Group>
    </>
  );
}

function Group({ title, tone, children }: { readonly title: string; readonly tone: string; readonly children: readonly ReactNode[] }): ReactNode {
  if (children.length === 0) return null;
  return (
    <section className={`p-lines p-lines-${tone}`} aria-label={title}>
      <h3>{title}</h3>
      <ul>{children}</ul>
    </section>
  );
}

interface LineRowProps {
  readonly line: { readonly name: string; readonly quantity: number; readonly unitPrice: number; readonly note?: string };
  readonly currency: string;
  readonly onTap: () => void;
}

function LineRow({ line, currency, onTap }: LineRowProps): ReactNode {
  const money = useMoney(currency);
  const number = useNumber();
  return (
    <li>
      <button type="button" className="p-line" onClick={onTap}>
        <span className="p-line-count">{number(line.quantity)} ×</span>
        <span className="p-line-name">
          <bdi>{line.name}</bdi>
          {line.note !== undefined && line.note !== '' && <em dir="auto">{line.note}</em>}
        </span>
        <span className="p-amount">{money(line.quantity * line.unitPrice)}</span>
      </button>
    </li>
  );
}
