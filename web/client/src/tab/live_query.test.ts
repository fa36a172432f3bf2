import { describe, expect, it } from 'vitest';
import type { VisibleDocument } from '../api.js';
import { applyChange, WatchedQuery } from './live_query.js';

const document = (id: string, total = 0): VisibleDocument => ({ collection: 'orders', id, version: 1, pending: false, doc: { total } });
const ids = (documents: readonly VisibleDocument[]): string => documents.map((one) => one.id).join('');

describe('a watched query', () => {
  it('puts what comes and moves where it stands in the new result', () => {
    const before = ['a', 'b', 'c', 'd'].map((id) => document(id));
    const now = applyChange(before, { added: [{ ...document('x'), at: 0 }], changed: [{ ...document('a', 5), at: 3 }], removed: ['c'] });
    expect(ids(now)).toBe('xbda');
    expect(now[3]?.doc).toEqual({ total: 5 });
  });

  it('adds up to the result whatever changes, as a model has it', () => {
    let state = 12345;
    const random = (below: number): number => (state = (state * 1103515245 + 12345) % 2147483648) % below;
    let model: string[] = [];
    let shown: readonly VisibleDocument[] = [];
    for (let step = 0; step < 500; ++step) {
      const removed = model.filter(() => random(5) === 0);
      const moved = model.filter((id) => !removed.includes(id) && random(6) === 0);
      const next = model.filter((id) => !removed.includes(id) && !moved.includes(id));
      const added = Array.from({ length: random(3) }, (_, i) => `n${step}-${i}`);
      for (const id of [...moved, ...added]) next.splice(random(next.length + 1), 0, id);
      const place = (id: string) => ({ ...document(id), at: next.indexOf(id) });
      shown = applyChange(shown, { added: added.map(place), changed: moved.map(place), removed });
      model = next;
      expect(shown.map((one) => one.id)).toEqual(model);
    }
  });

  it('keeps documents that are the same the same objects', () => {
    const watched = new WatchedQuery(() => undefined);
    watched.take({ documents: [document('a'), document('b')] });
    const before = watched.current.documents;
    watched.take({ documents: [document('a'), document('b', 1)] });
    expect(watched.current.documents[0]).toBe(before[0]);
    expect(watched.current.documents[1]).not.toBe(before[1]);
  });
});
