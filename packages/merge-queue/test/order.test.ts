import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Clock } from '@agentswarm/core';
import type { BranchKind, LoadBranch } from './model/generate-load.ts';
import { playLoad, type Played } from './model/play-load.ts';

const runs = process.env.TEST_DEEP === undefined ? 500 : 10_000;
const GATE_MS = 10_000;
const DAY_MS = 86_400_000;

const branchSpec = fc.record({
  kind: fc.constantFrom<BranchKind>('good', 'good', 'breaker', 'pair', 'conflict'),
  group: fc.nat(1),
  half: fc.constantFrom('a', 'b'),
  owner: fc.nat(2),
  priority: fc.integer({ min: 1, max: 3 }),
});

/** One way in which the same branches may come: the order, the room there is, and what the queue's clock does. */
const circumstances = fc.record({
  places: fc.array(fc.nat(1_000_000), { minLength: 10, maxLength: 10 }),
  delayMs: fc.constantFrom(0, 3_000, 20_000),
  slots: fc.integer({ min: 1, max: 4 }),
  maxBatch: fc.integer({ min: 1, max: 6 }),
  jumps: fc.array(fc.record({ atMs: fc.nat(100_000), byMs: fc.integer({ min: -DAY_MS, max: DAY_MS }) }), {
    maxLength: 3,
  }),
});

type BranchSpec = typeof branchSpec extends fc.Arbitrary<infer T> ? T : never;
type Circumstances = typeof circumstances extends fc.Arbitrary<infer T> ? T : never;

function branchOf({ kind, group, half, owner, priority }: BranchSpec, index: number): LoadBranch {
  const ticket = `b${index}`;
  const marks: Partial<Record<BranchKind, LoadBranch['files']>> = {
    breaker: { [`breaker-${index}`]: '' },
    conflict: { [`hot-${group}`]: ticket },
    pair: { [`pair-${group}-${half}`]: '' },
  };
  const files = { [`src/${ticket}`]: ticket, ...marks[kind] };
  return { ticket, kind, files, owner: `o${owner}`, priority, after: [], arrivesAtMs: 0 };
}

/** A clock that is set to another time now and then; sleeping is not affected. */
function jumpingClock(clock: Clock, jumps: Circumstances['jumps']): Clock {
  const offsetMs = () =>
    jumps.filter(({ atMs }) => atMs <= clock.nowMs()).reduce((sum, { byMs }) => sum + byMs, 10 * DAY_MS);
  return { nowMs: () => clock.nowMs() + offsetMs(), sleep: (ms, signal) => clock.sleep(ms, signal) };
}

async function playUnder(branches: readonly LoadBranch[], under: Circumstances): Promise<Played> {
  const load = branches
    .map((branch, index) => ({ branch, place: under.places[index] ?? 0 }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ branch }, place) => ({ ...branch, arrivesAtMs: place * under.delayMs }));
  const toldBy = (clock: Clock) => jumpingClock(clock, under.jumps);
  return await playLoad({ ...under, load, toldBy, gateMs: GATE_MS });
}

/** Who may land is decided by the branches alone; who of rivals comes first is not. */
function checkOutcomes(branches: readonly LoadBranch[], { outcomes }: Played): void {
  const landed = ({ ticket }: LoadBranch) => outcomes.get(ticket) === 'branch_landed';
  const having = (path: string) => branches.filter(({ files }) => files[path] !== undefined);
  for (const branch of branches) {
    if (branch.kind === 'good') expect(outcomes.get(branch.ticket), branch.ticket).toBe('branch_landed');
    if (branch.kind === 'breaker') expect(outcomes.get(branch.ticket), branch.ticket).toBe('branch_ejected');
  }
  for (const group of [0, 1]) {
    const rivals = having(`hot-${group}`);
    expect(rivals.filter(landed), `hot-${group}`).toHaveLength(Math.min(1, rivals.length));
    const halves = ['a', 'b']
      .map((half) => having(`pair-${group}-${half}`))
      .filter(({ length }) => length > 0);
    expect(
      halves.filter((half) => half.every(landed)),
      `pair-${group}`,
    ).toHaveLength(Math.min(1, halves.length));
    expect(
      halves.filter((half) => half.some(landed)),
      `pair-${group}`,
    ).toHaveLength(Math.min(1, halves.length));
  }
}

it('I11, I12: who may land, and what is then on the target, does not depend on order, room or the clock', async () => {
  const world = fc.tuple(fc.array(branchSpec, { minLength: 1, maxLength: 10 }), circumstances, circumstances);
  await fc.assert(
    fc.asyncProperty(world, async ([specs, one, other]) => {
      const branches = specs.map(branchOf);
      const [first, second] = [await playUnder(branches, one), await playUnder(branches, other)];
      checkOutcomes(branches, first);
      checkOutcomes(branches, second);
      const differing = branches
        .filter(({ ticket }) => first.outcomes.get(ticket) !== second.outcomes.get(ticket))
        .flatMap(({ files }) => Object.keys(files));
      const trees = [first, second].map(({ store }) => store.tree(store.main));
      const differences = trees[0]!.differences(trees[1]!);
      expect(differences.filter((path) => !differing.includes(path))).toEqual([]);
    }),
    { numRuns: runs, includeErrorInReport: true },
  );
}, 900_000);
