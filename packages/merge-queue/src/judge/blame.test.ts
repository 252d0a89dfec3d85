import { expect, it } from 'vitest';
import type { GateVerdict } from '../gate/gate.ts';
import { judge, type Evidence } from './blame.ts';

const failure = { command: 'npm test', exitCode: 1, outputTail: '' };
const VERDICTS = {
  p: { kind: 'pass' },
  f: { kind: 'fail', failure },
  c: { kind: 'could_not_run', failure },
} as const satisfies Record<string, GateVerdict>;

/** Runs in the order they began: a letter is a verdict of the candidate, after `/` one of the target. */
function evidence(text: string, more: Partial<Evidence> = {}): Evidence {
  const runs = [...text.matchAll(/(\/?)([pfc])/g)].map(([, control, letter], index) => ({
    control: control === '/',
    run: { verdict: VERDICTS[letter as keyof typeof VERDICTS], startedSeq: index + 1 },
  }));
  const of = (control: boolean) => runs.filter((run) => run.control === control).map(({ run }) => run);
  return { alone: true, allowRedTarget: false, candidate: of(false), control: of(true), ...more };
}

const kindOf = (text: string, more?: Partial<Evidence>) => {
  const judgement = judge(evidence(text, more));
  return judgement.kind === 'undecided' ? judgement.needs.join('+') : judgement.kind;
};

it.each([
  ['', 'candidate'],
  ['p', 'green'],
  ['f', 'candidate+control'],
  ['ff', 'control'],
  ['f/p', 'candidate'],
  ['f/pf', 'culprit'],
  ['f/pp', 'green'],
  ['/pff', 'control'],
  ['ff/f', 'control'],
  ['ff/f/p', 'culprit'],
  ['ff/f/f', 'target_red'],
  ['c', 'candidate+control'],
  ['cc/p', 'candidate'],
  ['cc/pc', 'culprit'],
  ['cc/pf', 'culprit'],
  ['/pcc/p', 'candidate'],
  ['cc/c/c', 'infrastructure'],
  ['c/c/c', 'infrastructure'],
])('alone: runs %j mean %s', (runs, meaning) => {
  expect(kindOf(runs)).toBe(meaning);
});

it.each([
  ['f', 'red'],
  ['c', 'control'],
  ['c/p', 'red'],
  ['c/c/c', 'infrastructure'],
  ['fp', 'green'],
])('together: runs %j mean %s', (runs, meaning) => {
  expect(kindOf(runs, { alone: false })).toBe(meaning);
});

it('blames a branch that does not repair a target that may be red', () => {
  expect(kindOf('ff/f/f', { allowRedTarget: true })).toBe('culprit');
});
