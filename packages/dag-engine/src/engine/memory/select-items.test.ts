import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ContextItem } from '../model/context.ts';
import { selectItems, type SelectionRules } from './select-items.ts';
import { tokenCostOf } from './token-cost.ts';

function item(id: string, second: number, fields: Partial<ContextItem> = {}): ContextItem {
  return {
    context_item_id: id,
    kind: 'note',
    source: 'test',
    timestamp: new Date(Date.UTC(2030, 0, 1, 0, 0, second)).toISOString(),
    tags: [],
    importance: null,
    token_cost: 10,
    payload: id,
    metadata: {},
    ...fields,
  };
}

function select(items: readonly ContextItem[], rules: Partial<SelectionRules> = {}) {
  const selection = selectItems(items, { maxTokens: 100, headTailPreserve: 0, ...rules });
  return { ...selection, ids: selection.items.map((chosen) => chosen.context_item_id).join(' ') };
}

const FIVE = ['a', 'b', 'c', 'd', 'e'].map((id, second) => item(id, second));

it('takes the newest that fit and gives them in the order of time', () => {
  expect(select(FIVE.toReversed(), { maxTokens: 25 })).toMatchObject({
    ids: 'd e',
    tokens: 20,
    droppedCount: 3,
    compressionRatio: 0.4,
    budgetExceeded: false,
  });
});

it('passes over what does not fit and goes on with the next', () => {
  expect(
    select([item('small', 1), item('big', 2, { token_cost: 90 }), item('new', 3)], { maxTokens: 30 }).ids,
  ).toBe('small new');
});

it('lets importance, then the id, decide between items of one moment', () => {
  const items = [
    item('b', 1),
    item('a', 1),
    item('vital', 1, { importance: 0.9 }),
    item('older', 0, { importance: 1 }),
  ];
  expect(select(items, { maxTokens: 10 }).ids).toBe('vital');
  expect(select(items, { maxTokens: 20 }).ids).toBe('a vital');
});

it('estimates what an item costs from its JSON', () => {
  expect(tokenCostOf(item('x', 0, { token_cost: null, payload: 'abcdefg' }))).toBe(3);
  expect(tokenCostOf(item('x', 0, { token_cost: 0, payload: 'abcdefg' }))).toBe(0);
});

it('reserves head and tail before the middle', () => {
  expect(select(FIVE, { maxTokens: 20, headTailPreserve: 1 }).ids).toBe('a e');
  expect(select(FIVE, { maxTokens: 30, headTailPreserve: 1 }).ids).toBe('a d e');
  expect(select(FIVE, { maxTokens: 40, headTailPreserve: 9 }).ids).toBe('b c d e');
});

it('protects system items and the last three turns', () => {
  const role = (name: string) => ({ metadata: { role: name } });
  const items = [
    item('system', 0, role('system')),
    item('turn1', 1, role('user')),
    item('turn2', 2, role('assistant')),
    item('turn3', 3, role('user')),
    item('turn4', 4, role('assistant')),
    item('note', 5),
  ];
  expect(select(items, { maxTokens: 40 }).ids).toBe('system turn2 turn3 turn4');
  expect(select(items, { maxTokens: 30 })).toMatchObject({ ids: 'system turn4 note', budgetExceeded: true });
  expect(select(items, { maxTokens: 5 })).toMatchObject({ ids: 'system', tokens: 10, budgetExceeded: true });
});

it('lets a ranking decide what is best', () => {
  expect(select(FIVE, { maxTokens: 20, ranking: ['c', 'a'] }).ids).toBe('a c');
  expect(select(FIVE, { maxTokens: 30, ranking: ['c', 'a'] }).ids).toBe('a c e');
});

it('gives a ratio of one when there is nothing to choose from', () => {
  expect(select([])).toMatchObject({ ids: '', tokens: 0, compressionRatio: 1, budgetExceeded: false });
});

const anItem = fc
  .record({
    id: fc.uuid(),
    second: fc.nat(5),
    token_cost: fc.option(fc.nat(20), { nil: null }),
    importance: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: null }),
    role: fc.constantFrom('system', 'user', 'assistant', 'none', 'none', 'none'),
    payload: fc.string({ maxLength: 60 }),
  })
  .map(({ id, second, role, ...fields }) => item(id, second, { ...fields, metadata: { role } }));

it('never exceeds the budget but for system items, and wastes no room', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(anItem, { selector: (each) => each.context_item_id, maxLength: 25 }),
      fc.integer({ min: 1, max: 120 }),
      fc.nat(4),
      (items, maxTokens, headTailPreserve) => {
        const selection = selectItems(items, { maxTokens, headTailPreserve });
        const chosen = new Set(selection.items);
        const cost = (of: readonly ContextItem[]) => of.reduce((sum, each) => sum + tokenCostOf(each), 0);
        const system = items.filter((each) => each.metadata['role'] === 'system');
        expect(selection.tokens).toBe(cost(selection.items));
        expect(selection.tokens).toBeLessThanOrEqual(Math.max(maxTokens, cost(system)));
        expect(system.every((each) => chosen.has(each))).toBe(true);
        const room = maxTokens - selection.tokens;
        for (const left of items) if (!chosen.has(left)) expect(tokenCostOf(left)).toBeGreaterThan(room);
        const times = selection.items.map((each) => each.timestamp);
        expect(times).toEqual(times.toSorted());
        expect(selection.droppedCount).toBe(items.length - chosen.size);
        expect(selection.compressionRatio).toBeLessThanOrEqual(1);
        expect(selection.compressionRatio).toBeGreaterThanOrEqual(0);
      },
    ),
    { numRuns: process.env['TEST_DEEP'] === undefined ? 500 : 20_000 },
  );
});

it('does not depend on the order items are found in, but for equal times', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(anItem, { selector: (each) => each.timestamp, maxLength: 6 }),
      fc.integer({ min: 1, max: 60 }),
      (items, maxTokens) => {
        const rules = { maxTokens, headTailPreserve: 1 };
        expect(selectItems(items.toReversed(), rules)).toEqual(selectItems(items, rules));
      },
    ),
  );
});
