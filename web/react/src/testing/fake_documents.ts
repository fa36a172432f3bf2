// Visible = base + pending, in the smallest way there is: base documents, and the effects of what waits run again over
// a copy whenever something changes.
import type { CommandRecord, Condition, DocumentKey, JsonObject, JsonValue, Query, VisibleDocument } from '@outpost/client';

export interface FakeContext {
  readonly command: string;
  readonly author: string;
  readonly now: string;
}

export interface FakeWrite extends DocumentKey {
  readonly doc: JsonObject;
}

/** What a command type does: the documents it writes, or a thrown error with a code when it may not. */
export type Effect = (payload: JsonObject, find: (key: DocumentKey) => JsonObject | undefined, context: FakeContext) => readonly FakeWrite[];
export type Effects = Readonly<Record<string, Effect>>;

type Rows = Map<string, VisibleDocument>;

const nameOf = ({ collection, id }: DocumentKey): string => `${collection}/${id}`;

export class FakeDocuments {
  readonly #effects: Effects;
  readonly #base: Rows = new Map();
  #visible: Rows = new Map();

  constructor(effects: Effects) {
    this.#effects = effects;
  }

  /** What the server says: a new version of each. */
  putBase(writes: readonly FakeWrite[]): void {
    for (const { collection, id, doc } of writes) {
      const version = (this.#base.get(nameOf({ collection, id }))?.version ?? 0) + 1;
      this.#base.set(nameOf({ collection, id }), { collection, id, version, pending: false, doc: { ...doc, id, version } });
    }
  }

  /** The effect of a command on base, as the server would have it. */
  applyToBase(command: CommandRecord): void {
    this.putBase(this.#run(command, this.#base));
  }

  /** Runs what waits over base again. A refusal has no effect, but of `probe` it is thrown. */
  rebase(waiting: readonly CommandRecord[], probe?: CommandRecord): void {
    const rows: Rows = new Map(this.#base);
    for (const command of waiting) {
      try {
        for (const write of this.#run(command, rows)) this.#overlay(rows, write);
      } catch (error) {
        if (command === probe) throw error;
      }
    }
    this.#visible = keepSame(this.#visible, rows);
  }

  get(key: DocumentKey): VisibleDocument | undefined {
    return this.#visible.get(nameOf(key));
  }

  base(key: DocumentKey): VisibleDocument | undefined {
    return this.#base.get(nameOf(key));
  }

  query({ collection, where, orderBy, limit }: Query): readonly VisibleDocument[] {
    const conditions = conditionsOf(where);
    const found = [...this.#visible.values()].filter((row) => row.collection === collection && conditions.every((one) => holds(row.doc, one)));
    found.sort(byField(orderBy));
    return limit === undefined ? found : found.slice(0, limit);
  }

  #run(command: CommandRecord, rows: Rows): readonly FakeWrite[] {
    const effect = this.#effects[command.type];
    if (effect === undefined) return [];
    const context = { command: command.id, author: command.author, now: command.createdAt };
    return effect(command.payload, (key) => rows.get(nameOf(key))?.doc, context);
  }

  #overlay(rows: Rows, { collection, id, doc }: FakeWrite): void {
    const version = rows.get(nameOf({ collection, id }))?.version ?? 0;
    rows.set(nameOf({ collection, id }), { collection, id, version, pending: true, doc: { ...doc, id, version } });
  }
}

/** Rows whose content did not change stay the same objects. */
function keepSame(before: Rows, now: Rows): Rows {
  for (const [name, row] of now) {
    const old = before.get(name);
    if (old !== undefined && JSON.stringify(old) === JSON.stringify(row)) now.set(name, old);
  }
  return now;
}

function conditionsOf(where: Query['where']): readonly Condition[] {
  if (where === undefined) return [];
  if (Array.isArray(where)) return where as readonly Condition[];
  return Object.entries(where as Record<string, string>).map(([field, value]) => ({ field, value }));
}

const valueAt = (doc: JsonValue, path: string): JsonValue | undefined =>
  path.split('.').reduce<JsonValue | undefined>((value, name) => (typeof value === 'object' && value !== null ? (value as JsonObject)[name] : undefined), doc);

function holds(doc: JsonObject, { field, is = '=', value }: Condition): boolean {
  const found = valueAt(doc, field) ?? null;
  if (is === '=') return found === value;
  if (found === null || value === null || typeof found !== typeof value) return false;
  const [a, b] = [found as string | number, value as string | number];
  return is === '<' ? a < b : is === '<=' ? a <= b : is === '>' ? a > b : a >= b;
}

function byField(orderBy: Query['orderBy']): (a: VisibleDocument, b: VisibleDocument) => number {
  const { field, direction = 'ascending' } = orderBy === undefined ? { field: 'id' } : typeof orderBy === 'string' ? { field: orderBy } : orderBy;
  const sign = direction === 'ascending' ? 1 : -1;
  return (a, b) => {
    const [x, y] = [valueAt(a.doc, field) ?? '', valueAt(b.doc, field) ?? ''];
    return x === y ? (a.id < b.id ? -sign : sign) : x < y ? -sign : sign;
  };
}
