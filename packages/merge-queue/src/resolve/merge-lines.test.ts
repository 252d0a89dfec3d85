import fc from 'fast-check';
import { expect, it } from 'vitest';
import { mergeLogs, mergeSets } from './merge-lines.ts';

const numRuns = process.env.TEST_DEEP === undefined ? 500 : 10_000;
const lines = fc.array(fc.constantFrom('a', 'b', '', 'c'), { maxLength: 4 });

it('a merged log has all lines of each side, in its order', () => {
  fc.assert(
    fc.property(fc.tuple(lines, lines, lines, lines, lines), ([base, before, after, others, otherEnd]) => {
      const ours = toText([...before, ...base, ...after]);
      const theirs = toText([...others, ...base, ...otherEnd]);
      const merged = mergeLogs({ base: toText(base), ours, theirs })?.split('\n') ?? [];
      expect(isInOrder(ours.split('\n'), merged)).toBe(true);
      expect(isInOrder(theirs.split('\n'), merged)).toBe(true);
    }),
    { numRuns },
  );
});

it('a log that only one side added to is that side', () => {
  fc.assert(
    fc.property(lines, lines, (base, added) => {
      const [before, after] = [toText(base), toText([...base, ...added])];
      expect(mergeLogs({ base: before, ours: after, theirs: before })).toBe(after);
      expect(mergeLogs({ base: before, ours: before, theirs: after })).toBe(after);
    }),
    { numRuns },
  );
});

it('a merged set has what either side has, once and in order', () => {
  const set = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3, unit: 'grapheme-ascii' }));
  fc.assert(
    fc.property(set, set, set, (base, added, others) => {
      const [ours, theirs] = [new Set([...base, ...added]), new Set([...base, ...others])];
      const sorted = (from: Iterable<string>) => toText([...from].toSorted());
      const texts = { base: sorted(base), ours: sorted(ours), theirs: sorted(theirs) };
      expect(mergeSets(texts)).toBe(sorted(ours.union(theirs)));
    }),
    { numRuns },
  );
});

function toText(list: readonly string[]): string {
  return list.map((line) => `${line}\n`).join('');
}

function isInOrder(some: readonly string[], all: readonly string[]): boolean {
  let found = 0;
  for (const line of all) if (found < some.length && line === some[found]) found += 1;
  return found === some.length;
}
