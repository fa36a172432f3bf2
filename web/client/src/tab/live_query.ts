// A watched query in the tab: its result, kept current by what the worker tells. The first update is the whole result;
// a new leader sends it again, and documents that are the same stay the same objects.
import type { LiveQuery, LiveState, VisibleDocument } from '../api.js';
import { OutpostError } from '../errors.js';
import type { PlacedDocument } from '../engine/operations.js';
import type { QueryUpdate } from '../worker/messages.js';
import { Signal } from './signal.js';

function placed(document: PlacedDocument): VisibleDocument {
  const { at: _, ...rest } = document;
  return rest;
}

/** What goes, goes; what comes or moves is put where it stands in the new result. */
export function applyChange(
  documents: readonly VisibleDocument[],
  change: { readonly added: readonly PlacedDocument[]; readonly changed: readonly PlacedDocument[]; readonly removed: readonly string[] },
): readonly VisibleDocument[] {
  const leaving = new Set([...change.removed, ...change.changed.map((document) => document.id)]);
  const rest = leaving.size === 0 ? documents : documents.filter((document) => !leaving.has(document.id));
  const coming = [...change.added, ...change.changed].sort((a, b) => a.at - b.at);
  const result: VisibleDocument[] = [];
  let next = 0;
  for (const document of coming) {
    while (result.length < document.at && next < rest.length) result.push(rest[next++] as VisibleDocument);
    result.push(placed(document));
  }
  for (; next < rest.length; ++next) result.push(rest[next] as VisibleDocument);
  return result;
}

function keepSame(before: readonly VisibleDocument[], now: readonly VisibleDocument[]): readonly VisibleDocument[] {
  const known = new Map(before.map((document) => [document.id, document]));
  return now.map((document) => {
    const same = known.get(document.id);
    return same !== undefined && JSON.stringify(same) === JSON.stringify(document) ? same : document;
  });
}

export class WatchedQuery extends Signal<LiveState<never>> implements LiveQuery<never> {
  readonly ready: Promise<readonly VisibleDocument<never>[]>;
  private arrived: (documents: readonly VisibleDocument<never>[]) => void = () => undefined;
  private refused: (error: Error) => void = () => undefined;

  constructor(private readonly stop: () => void) {
    super({ state: 'loading', documents: [] });
    this.ready = new Promise((resolve, reject) => {
      this.arrived = resolve;
      this.refused = reject;
    });
    // Nobody has to wait for it.
    this.ready.catch(() => undefined);
  }

  take(update: QueryUpdate): void {
    const before = this.current.documents as readonly VisibleDocument[];
    if ('error' in update) {
      const error = new OutpostError(update.error.code, update.error.message);
      this.set({ state: 'failed', documents: before as readonly VisibleDocument<never>[], error });
      this.refused(error);
      return;
    }
    const documents = ('documents' in update ? keepSame(before, update.documents) : applyChange(before, update)) as readonly VisibleDocument<never>[];
    this.set({ state: 'ready', documents });
    this.arrived(documents);
  }

  close(): void {
    this.stop();
  }
}
