import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { InMemoryStore } from './in-memory-store.ts';
import { JsonlStore } from './jsonl-store.ts';
import type { MemoryItem } from './memory-item.ts';
import type { Comparison, MemoryQuery, ScalarField } from './memory-query.ts';
import type { MemoryStore, Retention } from './memory-store.ts';
import { runMemoryStoreSuite } from './memory-store-suite.ts';
import { SqliteStore } from './sqlite-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'memory-stores-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const clock = { nowMs: () => 0 };
const RUNS = process.env['TEST_DEEP'] === undefined ? 60 : 2000;

interface Backend {
  readonly name: string;
  readonly open: (place: string, retention: Retention) => MemoryStore;
}

const BACKENDS: readonly Backend[] = [
  { name: 'in_memory', open: (_place, retention) => new InMemoryStore(retention) },
  {
    name: 'file',
    open: (place, retention) => new JsonlStore({ path: join(folder, `${place}.jsonl`), ...retention }),
  },
  {
    name: 'sqlite',
    open: (place, retention) =>
      new SqliteStore({ path: join(folder, `${place}.db`), store: 'task', ...retention, clock }),
  },
];

let places = 0;
for (const { name, open } of BACKENDS) {
  runMemoryStoreSuite({
    name,
    create: (retention) => open(`${name}-${(places += 1)}`, retention),
    ...(name === 'in_memory' ? {} : { reopen: (retention) => open(`${name}-${places}`, retention) }),
  });
}

const word = fc.oneof(fc.constantFrom('a', 'b', 'ab', ''), fc.string({ unit: 'grapheme', maxLength: 3 }));
const number = fc.option(fc.constantFrom(0, 0.5, 1, -2, 1e9), { nil: null });

const anItem: fc.Arbitrary<MemoryItem> = fc.record({
  context_item_id: fc.constantFrom('i1', 'i2', 'i3', 'i4', 'i5', 'i6'),
  kind: word,
  source: word,
  timestamp: word,
  tags: fc.array(word, { maxLength: 2 }),
  importance: number,
  token_cost: number,
  // What is written to a file comes back without a negative zero.
  payload: fc
    .jsonValue({ maxDepth: 1 })
    .map((value) => JSON.parse(JSON.stringify(value)) as MemoryItem['payload']),
  metadata: fc.constant({}),
  task_id: fc.option(fc.constantFrom('t1', 't2'), { nil: null }),
  project_id: fc.option(word, { nil: null }),
});

const textFilter = filterOver(word);
const numberFilter = filterOver(fc.constantFrom(0, 0.5, 1, -2, 1e9));

function filterOver<Value extends string | number>(value: fc.Arbitrary<Value>) {
  const operators = fc.record(
    {
      $eq: fc.option(value, { nil: null }),
      $ne: fc.option(value, { nil: null }),
      $gt: value,
      $gte: value,
      $lt: value,
      $lte: value,
    },
    { requiredKeys: [] },
  );
  return fc.oneof(value, fc.constant(null), operators);
}

const FIELDS: readonly ScalarField[] = [
  'context_item_id',
  'kind',
  'source',
  'timestamp',
  'task_id',
  'project_id',
  'importance',
  'token_cost',
];

const aQuery = fc.record(
  {
    filters: fc.record(
      {
        kind: textFilter,
        timestamp: textFilter,
        task_id: fc.oneof(fc.constantFrom('t1', 't2'), fc.constant(null)),
        project_id: textFilter,
        importance: numberFilter,
        token_cost: numberFilter,
        tags: fc.array(word, { maxLength: 2 }),
      },
      { requiredKeys: [] },
    ),
    limit: fc.option(fc.nat(4), { nil: null }),
    orderBy: fc.constantFrom(...FIELDS, ...FIELDS.map((field) => `-${field}` as const)),
  },
  { requiredKeys: [] },
);

type Step =
  | { readonly put: MemoryItem }
  | { readonly remove: string }
  | { readonly forget: string }
  | { readonly ask: MemoryQuery };

const aStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ put: anItem }) },
  { weight: 1, arbitrary: fc.record({ remove: fc.constantFrom('i1', 'i2', 'i9') }) },
  { weight: 1, arbitrary: fc.record({ forget: fc.constantFrom('t1', 't3') }) },
  { weight: 4, arbitrary: fc.record({ ask: aQuery }) },
);

/** What a store must do, said as simply as possible: a list, looked through. */
class Model {
  items: MemoryItem[] = [];

  put(item: MemoryItem, { maxItems, perTask = false }: Retention): void {
    this.items = [...this.items.filter((kept) => kept.context_item_id !== item.context_item_id), item];
    const counted = () => this.items.filter((kept) => !perTask || kept.task_id === item.task_id);
    while (maxItems !== null && counted().length > maxItems) {
      const first = counted()
        .map((kept) => kept.timestamp)
        .sort(byBytes)[0];
      const oldest = counted().find((kept) => kept.timestamp === first);
      this.items = this.items.filter((kept) => kept !== oldest);
    }
  }

  ask({ filters = {}, limit = 100, orderBy = 'timestamp' }: MemoryQuery): MemoryItem[] {
    const { tags, ...scalars } = filters;
    const found = this.items.filter(
      (item) =>
        (tags === undefined || tags.some((tag) => item.tags.includes(tag))) &&
        Object.entries(scalars).every(([field, filter]) => accepts(item[field as ScalarField], filter)),
    );
    const field = orderBy.replace('-', '') as ScalarField;
    const upwards = orderBy.startsWith('-');
    const ranked = upwards ? found : found.toReversed();
    const valued = ranked.filter((item) => item[field] !== null);
    valued.sort((a, b) => (upwards ? 1 : -1) * compare(a[field]!, b[field]!));
    return [...valued, ...ranked.filter((item) => item[field] === null)].slice(0, limit ?? undefined);
  }
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function compare(a: string | number, b: string | number): number {
  return typeof a === 'string' ? byBytes(a, String(b)) : a - Number(b);
}

function accepts(value: string | number | null, filter: unknown): boolean {
  if (typeof filter !== 'object' || filter === null) return value === filter;
  const wanted = filter as Comparison<string | number>;
  const ordered = (limit: string | number | undefined, test: (order: number) => boolean) =>
    limit === undefined || (value !== null && test(compare(value, limit)));
  return (
    (wanted.$eq === undefined || value === wanted.$eq) &&
    (wanted.$ne === undefined || value !== wanted.$ne) &&
    ordered(wanted.$gt, (order) => order > 0) &&
    ordered(wanted.$gte, (order) => order >= 0) &&
    ordered(wanted.$lt, (order) => order < 0) &&
    ordered(wanted.$lte, (order) => order <= 0)
  );
}

describe.each(BACKENDS)('$name against a list', ({ name, open }) => {
  it('gives the same answers, also after it was opened again', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(aStep, { maxLength: 40 }),
        fc.option(fc.integer({ min: 1, max: 4 }), { nil: null }),
        fc.boolean(),
        async (steps, maxItems, perTask) => {
          const retention = { maxItems, perTask };
          const place = `${name}-property-${(places += 1)}`;
          const model = new Model();
          const store = open(place, retention);
          for (const step of steps) await applyStep(step, { model, store, retention });
          expect(await store.list()).toEqual(model.items);
          await store.close();
          if (!store.persistent) return;
          const again = open(place, retention);
          expect(await again.list()).toEqual(model.items);
          await again.close();
        },
      ),
      { numRuns: RUNS },
    );
  });
});

async function applyStep(
  step: Step,
  { model, store, retention }: { model: Model; store: MemoryStore; retention: Retention },
): Promise<void> {
  if ('put' in step) {
    model.put(step.put, retention);
    await store.put(step.put);
  } else if ('remove' in step) {
    model.items = model.items.filter((item) => item.context_item_id !== step.remove);
    await store.delete(step.remove);
  } else if ('forget' in step) {
    model.items = model.items.filter((item) => item.task_id !== step.forget);
    await store.clear(step.forget);
  } else {
    expect(await store.query(step.ask)).toEqual(model.ask(step.ask));
  }
  expect(await store.count()).toBe(model.items.length);
}

describe.each(BACKENDS)('$name, counting per task', ({ name, open }) => {
  const ofTask = (task_id: string) =>
    fc.array(
      anItem.map((item) => ({ ...item, task_id, context_item_id: `${task_id}/${item.context_item_id}` })),
      { maxLength: 12 },
    );

  it('remembers the same of a task whether others are there or not', async () => {
    await fc.assert(
      fc.asyncProperty(
        ofTask('mine'),
        ofTask('other'),
        fc.infiniteStream(fc.boolean()),
        fc.integer({ min: 1, max: 4 }),
        async (mine, others, turns, maxItems) => {
          const kept = async (stream: readonly MemoryItem[]) => {
            const store = open(`${name}-alone-${(places += 1)}`, { maxItems, perTask: true });
            for (const item of stream) await store.put(item);
            const found = await store.query({ filters: { task_id: 'mine' }, limit: null });
            await store.close();
            return found;
          };
          expect(await kept(interleave(mine, others, turns))).toEqual(await kept(mine));
        },
      ),
      { numRuns: RUNS },
    );
  });

  it('applies a smaller limit to each task it finds', async (context) => {
    const place = `${name}-smaller-${(places += 1)}`;
    const first = open(place, { maxItems: null, perTask: true });
    if (!first.persistent) return context.skip('nothing outlives this store');
    const [template] = fc.sample(anItem, 1);
    for (const id of ['a1', 'b1', 'a2', 'a3']) {
      await first.put({ ...template!, context_item_id: id, task_id: id.slice(0, 1), timestamp: id });
    }
    await first.close();
    const limited = open(place, { maxItems: 1, perTask: true });
    expect((await limited.list()).map(({ context_item_id }) => context_item_id)).toEqual(['b1', 'a3']);
    await limited.close();
  });
});

function interleave<T>(some: readonly T[], others: readonly T[], turns: Iterable<boolean>): readonly T[] {
  const [left, right] = [[...some], [...others]];
  const all: T[] = [];
  for (const turn of turns) {
    const next = (turn ? left : right).shift() ?? left.shift() ?? right.shift();
    if (next === undefined) break;
    all.push(next);
  }
  return all;
}
