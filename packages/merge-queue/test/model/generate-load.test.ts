import { expect, it } from 'vitest';
import { generateLoad, isInnocent, type LoadBranch, type Outcomes } from './generate-load.ts';

const options = { seed: 7, count: 1000, perHour: 1000 };
const load = generateLoad(options);
const byTicket = new Map(load.map((branch) => [branch.ticket, branch]));

function rivalOf({ rival = '' }: LoadBranch): LoadBranch | undefined {
  return byTicket.get(rival);
}

it('has the kinds in the shares it states, the same for the same seed', () => {
  const counts = Object.groupBy(load, ({ kind }) => kind);
  const shares = Object.fromEntries(
    Object.entries(counts).map(([kind, branches]) => [kind, branches.length]),
  );
  expect(shares).toEqual({ good: 630, breaker: 100, pair: 50, conflict: 200, flaky: 20 });
  expect(generateLoad(options)).toEqual(load);
  expect(generateLoad({ ...options, seed: 8 })).not.toEqual(load);
});

it('lets branches arrive one after another, about as many an hour as asked for', () => {
  const times = load.map(({ arrivesAtMs }) => arrivesAtMs);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  // Four standard deviations of a thousand exponential gaps around an hour.
  expect(Math.abs((times.at(-1) ?? 0) / 3_600_000 - 1)).toBeLessThan(0.127);
});

/** What a branch writes beside its own file. */
function mark(branch: LoadBranch | undefined): readonly [path: string, content: string | null] {
  const files = Object.entries(branch?.files ?? {});
  return files.find(([path]) => !path.startsWith('src/')) ?? ['none', null];
}

it('gives each half of a pair the other one, and each conflict somebody who writes the same path differently', () => {
  for (const branch of load.filter(({ kind }) => kind === 'pair' || kind === 'conflict')) {
    const rival = rivalOf(branch);
    expect(rival?.rival).toBe(branch.ticket);
    const [[mine, content], [yours, other]] = [mark(branch), mark(rival)];
    if (branch.kind === 'conflict') {
      expect(yours).toBe(mine);
      expect(other).not.toBe(content);
    } else {
      expect(yours.slice(0, -1)).toBe(mine.slice(0, -1));
      expect(new Set([mine.at(-1), yours.at(-1)])).toEqual(new Set(['a', 'b']));
    }
  }
});

it('lets branches come only after ones that arrive before them', () => {
  const places = new Map(load.map(({ ticket }, place) => [ticket, place]));
  const waits = load.flatMap(({ ticket, after }) => after.map((other) => [ticket, other] as const));
  expect(waits.length).toBeGreaterThan(10);
  for (const [ticket, other] of waits) expect(places.get(other)).toBeLessThan(places.get(ticket) ?? -1);
});

it('calls innocent who neither breaks, nor lost to a rival, nor came after somebody lost', () => {
  const branch: LoadBranch = {
    ...{ ticket: 'b', kind: 'good', files: {}, owner: 'o', priority: 5, after: [], arrivesAtMs: 0 },
  };
  const outcomes = (landed: readonly string[], lost: readonly string[]): Outcomes =>
    new Map([
      ...landed.map((ticket) => [ticket, 'branch_landed'] as const),
      ...lost.map((ticket) => [ticket, 'branch_ejected'] as const),
    ]);
  const second = { ...branch, kind: 'pair', rival: 'a' } as const;
  expect(isInnocent(branch, outcomes([], ['b']))).toBe(true);
  expect(isInnocent({ ...branch, kind: 'flaky' }, outcomes([], ['b']))).toBe(true);
  expect(isInnocent({ ...branch, kind: 'breaker' }, outcomes([], ['b']))).toBe(false);
  expect(isInnocent(second, outcomes(['a'], ['b']))).toBe(false);
  expect(isInnocent(second, outcomes([], ['a', 'b']))).toBe(true);
  expect(isInnocent({ ...branch, after: ['a'] }, outcomes([], ['a', 'b']))).toBe(false);
});
