import { isSwarmError } from '@agentswarm/core';
import { describe, expect, it } from 'vitest';
import type { MemoryItem } from './memory-item.ts';
import type { MemoryQuery } from './memory-query.ts';
import type { MemoryStore } from './memory-store.ts';

/** Which implementation the suite tests. */
export interface MemoryStoreSuiteOptions {
  /** Names the implementation in test titles. */
  readonly name: string;
  /** Contract: gives a new, empty store that keeps at most `maxItems` items; the suite closes it. */
  readonly create: (options: { readonly maxItems: number | null }) => MemoryStore | Promise<MemoryStore>;
  /** Opens the place of a store again that the suite has closed. Left out where nothing outlives a store. */
  readonly reopen?: (options: { readonly maxItems: number | null }) => MemoryStore | Promise<MemoryStore>;
}

/** Declares, inside a vitest file, the tests that every `MemoryStore` must pass. */
export function runMemoryStoreSuite(options: MemoryStoreSuiteOptions): void {
  describe(`MemoryStore: ${options.name}`, () => {
    describe('items', () => declareItemTests(options));
    describe('query', () => declareQueryTests(options));
    describe('retention', () => declareRetentionTests(options));
    describe('life', () => declareLifeTests(options));
  });
}

function item(id: string, fields: Partial<MemoryItem> = {}): MemoryItem {
  return {
    context_item_id: id,
    kind: 'note',
    source: 'suite',
    timestamp: '2030-01-01T00:00:00.000Z',
    tags: [],
    importance: null,
    token_cost: null,
    payload: null,
    metadata: {},
    task_id: null,
    project_id: null,
    ...fields,
  };
}

function at(second: number): string {
  return `2030-01-01T00:00:${String(second).padStart(2, '0')}.000Z`;
}

function idsOf(items: readonly MemoryItem[]): string[] {
  return items.map((found) => found.context_item_id);
}

async function withStore(
  { create }: MemoryStoreSuiteOptions,
  items: readonly MemoryItem[],
  check: (store: MemoryStore) => Promise<void>,
): Promise<void> {
  const store = await create({ maxItems: null });
  try {
    for (const each of items) await store.put(each);
    await check(store);
  } finally {
    await store.close();
  }
}

function declareItemTests(options: MemoryStoreSuiteOptions): void {
  const withItems = (items: readonly MemoryItem[], check: (store: MemoryStore) => Promise<void>) =>
    withStore(options, items, check);

  it('gives back an item as it was put, frozen, whatever is in it', async () => {
    const texts = ['', 'a\u0000b', 'line\nbreak\u2028', '"\\', 'ünï 🚀', "'; DROP TABLE task_memory; --"];
    const full = item('full', {
      tags: texts,
      importance: 0.5,
      token_cost: 7,
      payload: { texts, nested: [{ deep: [null, true, -1.5e-7] }] },
      metadata: { role: 'system', texts },
      task_id: 'task-1',
      project_id: 'project-1',
    });
    await withItems([full], async (store) => {
      expect(await store.get('full')).toEqual(full);
      expect(await store.list()).toEqual([full]);
      expect(Object.isFrozen((await store.get('full'))?.payload)).toBe(true);
    });
  });

  it('keeps keys named like object internals as data', async () => {
    const payload = JSON.parse('{"__proto__":{"polluted":1},"constructor":2}') as MemoryItem['payload'];
    await withItems([item('__proto__', { payload }), item('constructor')], async (store) => {
      expect(idsOf(await store.list())).toEqual(['__proto__', 'constructor']);
      expect(JSON.stringify((await store.get('__proto__'))?.payload)).toBe(JSON.stringify(payload));
      expect(await store.get('toString')).toBeUndefined();
    });
  });

  it('is not changed by whoever gave an item', async () => {
    const payload = { list: [1] };
    await withItems([item('a', { payload })], async (store) => {
      payload.list.push(2);
      expect((await store.get('a'))?.payload).toEqual({ list: [1] });
    });
  });

  it('replaces an item of the same id, which is then the newest', async () => {
    await withItems([item('a'), item('b'), item('a', { payload: 'second' })], async (store) => {
      expect(idsOf(await store.list())).toEqual(['b', 'a']);
      expect((await store.get('a'))?.payload).toBe('second');
      expect(await store.count()).toBe(2);
    });
  });

  it('deletes one, forgets a task, forgets everything', async () => {
    const items = [
      item('a', { task_id: 't1' }),
      item('b', { task_id: 't2' }),
      item('c', { task_id: 't1' }),
      item('d'),
    ];
    await withItems(items, async (store) => {
      expect([await store.delete('b'), await store.delete('b')]).toEqual([true, false]);
      await store.clear('nobody');
      expect(idsOf(await store.list())).toEqual(['a', 'c', 'd']);
      await store.clear('t1');
      expect(idsOf(await store.list())).toEqual(['d']);
      await store.clear();
      expect([await store.count(), await store.list()]).toEqual([0, []]);
    });
  });

  it('refuses what it could not give back', async () => {
    await withItems([item('kept')], async (store) => {
      await expect(store.put(item(''))).rejects.toSatisfy(isSwarmError);
      await expect(store.put(item('lone', { kind: '\ud800' }))).rejects.toMatchObject({
        code: 'ITEM_INVALID',
      });
      expect(await store.count()).toBe(1);
    });
  });
}

function declareQueryTests(options: MemoryStoreSuiteOptions): void {
  const items = [
    item('old', { timestamp: at(1), importance: 0.9, tags: ['x', 'y'], task_id: 't1' }),
    item('new', { timestamp: at(3), importance: null, tags: ['y'], task_id: 't1' }),
    item('mid', { timestamp: at(2), importance: 0.2, kind: 'decision', task_id: 't2' }),
    item('also-mid', { timestamp: at(2), importance: 0.2, tags: ['"x"', ','] }),
  ];
  const answers = (title: string, query: MemoryQuery | undefined, expected: readonly string[]) =>
    it(title, async () => {
      await withStore(options, items, async (store) => {
        expect(idsOf(await store.query(query))).toEqual(expected);
      });
    });

  answers('gives the newest first', undefined, ['new', 'also-mid', 'mid', 'old']);
  answers('turns round with a minus', { orderBy: '-timestamp' }, ['old', 'mid', 'also-mid', 'new']);
  answers('orders by any scalar, null last', { orderBy: 'importance' }, ['old', 'also-mid', 'mid', 'new']);
  answers('keeps null last upwards too', { orderBy: '-importance' }, ['mid', 'also-mid', 'old', 'new']);
  answers('stops at the limit', { limit: 2 }, ['new', 'also-mid']);
  answers('gives nothing for a limit of none', { limit: 0 }, []);
  answers('compares with a value', { filters: { kind: 'decision' } }, ['mid']);
  answers('requires every filter', { filters: { task_id: 't1', importance: { $gt: 0.5 } } }, ['old']);
  answers('reads several operators as a range', { filters: { timestamp: { $gt: at(1), $lte: at(2) } } }, [
    'also-mid',
    'mid',
  ]);
  answers('finds what has no value', { filters: { importance: null } }, ['new']);
  answers('finds what has a value', { filters: { importance: { $ne: null } } }, ['also-mid', 'mid', 'old']);
  answers('counts no value as unequal', { filters: { importance: { $ne: 0.2 } } }, ['new', 'old']);
  answers('never finds null greater or less', { filters: { importance: { $lt: 5 } } }, [
    'also-mid',
    'mid',
    'old',
  ]);
  answers('matches any of several tags', { filters: { tags: ['x', 'none'] } }, ['old']);
  answers('takes tags as texts, not as JSON', { filters: { tags: [','] } }, ['also-mid']);
  answers('matches nothing without tags to match', { filters: { tags: [] } }, []);
  answers('finds nothing by a hostile value', { filters: { kind: "' OR 1=1 --" } }, []);

  it('gives at most 100 unless told otherwise', async () => {
    const many = Array.from({ length: 120 }, (_, index) => item(`i${index}`));
    await withStore(options, many, async (store) => {
      expect(await store.query()).toHaveLength(100);
      expect(await store.query({ limit: null })).toHaveLength(120);
    });
  });

  it.each([
    { orderBy: 'payload; DROP TABLE task_memory' },
    { orderBy: '--timestamp' },
    { limit: -1 },
    { limit: 1.5 },
    { filters: { payload: 'x' } },
    { filters: { '1=1 OR kind': 'x' } },
    { filters: { kind: 5 } },
    { filters: { kind: ['note'] } },
    { filters: { kind: { $like: '%' } } },
    { filters: { importance: { $gt: null } } },
    { filters: { importance: '0.5' } },
    { filters: { tags: 'x' } },
  ])('refuses the query %j', async (query) => {
    await withStore(options, items, async (store) => {
      await expect(store.query(query as MemoryQuery)).rejects.toMatchObject({ code: 'QUERY_INVALID' });
      expect(await store.count()).toBe(4);
    });
  });
}

function declareRetentionTests(options: MemoryStoreSuiteOptions): void {
  it('keeps the newest by time, then by order, and drops the rest', async () => {
    const store = await options.create({ maxItems: 2 });
    try {
      await store.put(item('a', { timestamp: at(5) }));
      await store.put(item('b', { timestamp: at(1) }));
      await store.put(item('c', { timestamp: at(5) }));
      expect(idsOf(await store.list())).toEqual(['a', 'c']);
      await store.put(item('late', { timestamp: at(2) }));
      expect(idsOf(await store.list())).toEqual(['a', 'c']);
      await store.put(item('d', { timestamp: at(5) }));
      expect(idsOf(await store.list())).toEqual(['c', 'd']);
      await store.put(item('c', { timestamp: at(5), payload: 'again' }));
      expect(idsOf(await store.list())).toEqual(['d', 'c']);
    } finally {
      await store.close();
    }
  });
}

function declareLifeTests({ create, reopen }: MemoryStoreSuiteOptions): void {
  it('answers no more once closed, and closes twice without complaint', async () => {
    const store = await create({ maxItems: null });
    await store.close();
    await store.close();
    await expect(store.get('a')).rejects.toMatchObject({ code: 'STORAGE_CLOSED' });
    await expect(store.put(item('a'))).rejects.toMatchObject({ code: 'STORAGE_CLOSED' });
    await expect(store.list()).rejects.toMatchObject({ code: 'STORAGE_CLOSED' });
  });

  it('restores everything when its place is opened again', async (context) => {
    if (reopen === undefined) return context.skip('nothing outlives this store');
    const first = await create({ maxItems: null });
    for (let index = 0; index < 60; index += 1) {
      await first.put(
        item(`i${index % 40}`, { payload: { index }, timestamp: at(index), tags: [`t${index}`] }),
      );
    }
    await first.delete('i3');
    const before = await first.list();
    await first.close();
    const second = await reopen({ maxItems: null });
    expect(await second.list()).toEqual(before);
    await second.clear();
    await second.close();
    const third = await reopen({ maxItems: null });
    expect(await third.list()).toEqual([]);
    await third.close();
  });

  it('applies a smaller limit to what it finds', async (context) => {
    if (reopen === undefined) return context.skip('nothing outlives this store');
    const first = await create({ maxItems: null });
    for (const second of [4, 2, 3, 1]) await first.put(item(`i${second}`, { timestamp: at(second) }));
    await first.close();
    const limited = await reopen({ maxItems: 2 });
    expect(idsOf(await limited.list())).toEqual(['i4', 'i3']);
    await limited.close();
    const unlimited = await reopen({ maxItems: null });
    expect(idsOf(await unlimited.list())).toEqual(['i4', 'i3']);
    await unlimited.close();
  });
}
