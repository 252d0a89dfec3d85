import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignProcesses, type AssignmentFacts } from './assign-processes.ts';
import type { ProcessSample } from './process-sample.ts';

function tableOf(...rows: readonly Partial<ProcessSample>[]): ReadonlyMap<number, ProcessSample> {
  const samples = rows.map((row) => ({
    pid: 0,
    start: '1',
    hasEnded: false,
    parent: 1,
    session: 0,
    threads: 1,
    residentBytes: 0,
    cpuMs: 0,
    reapedCpuMs: 0,
    ...row,
  }));
  return new Map(samples.map((sample) => [sample.pid, sample]));
}

function assign(table: ReturnType<typeof tableOf>, facts: Partial<AssignmentFacts>) {
  const assigned = assignProcesses(table, { roots: new Map(), known: new Map(), ...facts });
  return Object.fromEntries([...assigned].map(([pid, { command }]) => [pid, command]));
}

describe('assignProcesses', () => {
  const roots = new Map([
    [10, 'a'],
    [20, 'b'],
  ]);

  it('follows parents to the nearest command, in whatever order they are found', () => {
    const table = tableOf(
      { pid: 13, parent: 12 },
      { pid: 12, parent: 11 },
      { pid: 20, parent: 11 },
      { pid: 21, parent: 20 },
      { pid: 11, parent: 10 },
      { pid: 10 },
      { pid: 30 },
    );
    expect(assign(table, { roots })).toEqual({ 10: 'a', 11: 'a', 12: 'a', 13: 'a', 20: 'b', 21: 'b' });
  });

  it('finds one that lost its parents by its session, or because it was seen before', () => {
    const known = new Map([[14, { start: '5', command: 'a' }]]);
    const table = tableOf(
      { pid: 13, session: 10 },
      { pid: 14, start: '5', session: 14 },
      { pid: 15, parent: 14, session: 15 },
    );
    expect(assign(table, { roots, known })).toEqual({ 13: 'a', 14: 'a', 15: 'a' });
  });

  it('takes no other process for one that was seen before under the same id', () => {
    const known = new Map([[14, { start: '5', command: 'a' }]]);
    expect(assign(tableOf({ pid: 14, start: '6' }), { roots, known })).toEqual({});
  });

  it('comes to an end on a table with circles', () => {
    const table = tableOf({ pid: 2, parent: 3 }, { pid: 3, parent: 2 }, { pid: 4, parent: 4 });
    expect(assign(table, { roots })).toEqual({});
  });

  it('finds exactly those below a command in any tree', () => {
    const parents = fc.array(fc.nat(), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(parents, fc.nat(), fc.func(fc.integer()), (choices, rootChoice, orderOf) => {
        const parentOf = (index: number) => (index === 0 ? -1 : (choices[index] ?? 0) % index);
        const root = rootChoice % choices.length;
        const rows = choices.map((_choice, index) => ({ pid: index + 100, parent: parentOf(index) + 100 }));
        const isBelow = (index: number): boolean => index === root || (index > 0 && isBelow(parentOf(index)));
        const expected = rows.filter((_row, index) => isBelow(index)).map(({ pid }) => [pid, 'a']);
        const shuffled = rows.toSorted((a, b) => orderOf(a.pid) - orderOf(b.pid));
        const found = assign(tableOf(...shuffled), { roots: new Map([[root + 100, 'a']]) });
        expect(found).toEqual(Object.fromEntries(expected));
      }),
    );
  });
});
