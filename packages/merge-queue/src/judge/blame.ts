import type { GateFailure } from '@agentswarm/core';
import type { GateVerdict } from '../gate/gate.ts';
import type { GateRun } from './gate-runs.ts';

/** What is known about a candidate: the runs on its tree, and those on the tree of the target it was composed on. */
export interface Evidence {
  /** Whether the candidate holds a single branch. */
  readonly alone: boolean;
  readonly candidate: readonly GateRun[];
  readonly control: readonly GateRun[];
  /** A target that fails the gate itself is no reason to stop. */
  readonly allowRedTarget: boolean;
}

/** What follows from the evidence. */
export type Judgement =
  | { readonly kind: 'green' }
  /** More runs are needed before anything can be said. */
  | { readonly kind: 'undecided'; readonly needs: readonly ('candidate' | 'control')[] }
  /** Red, and several branches in it: which one is not known. */
  | { readonly kind: 'red'; readonly failure: GateFailure }
  /** Red twice with this branch, green without it. */
  | { readonly kind: 'culprit'; readonly failure: GateFailure }
  /** Red without any branch. */
  | { readonly kind: 'target_red'; readonly failure: GateFailure }
  /** Neither the candidate nor the target can be judged: no branch's fault. */
  | { readonly kind: 'infrastructure'; readonly failure: GateFailure };

type NotPassed = Exclude<GateVerdict, { readonly kind: 'pass' }>;

/**
 * Decides who is to blame for a candidate that did not pass: nobody, before the candidate was red twice
 * and its target was run after the first red and passed.
 */
export function judge(evidence: Evidence): Judgement {
  const { candidate } = evidence;
  if (candidate.some(({ verdict }) => verdict.kind === 'pass')) return { kind: 'green' };
  const last = candidate.at(-1)?.verdict;
  if (last === undefined || last.kind === 'pass') return { kind: 'undecided', needs: ['candidate'] };
  return judgeRed(evidence, last);
}

function judgeRed(evidence: Evidence, last: NotPassed): Judgement {
  const { candidate, alone } = evidence;
  // The parts of a red batch are judged one by one, each with a control run of its own.
  if (!alone && last.kind === 'fail') return { kind: 'red', failure: last.failure };
  const rerun = alone && candidate.length < 2;
  const control = judgeControl(evidence, candidate[0]?.startedSeq ?? 0);
  if (control === 'undecided') {
    return { kind: 'undecided', needs: rerun ? ['candidate', 'control'] : ['control'] };
  }
  if (control !== 'green') return blameless(control);
  if (!alone) return { kind: 'red', failure: last.failure };
  if (rerun || !hasAnswered(evidence, last)) return { kind: 'undecided', needs: ['candidate'] };
  return { kind: 'culprit', failure: last.failure };
}

/** Coming to no answer says something about a branch only when the target had passed before that run began. */
function hasAnswered({ candidate, control }: Evidence, last: NotPassed): boolean {
  if (last.kind === 'fail') return true;
  const doubtedSeq = candidate[0]?.startedSeq ?? 0;
  const passed = control.find(
    ({ verdict, startedSeq }) => verdict.kind === 'pass' && startedSeq >= doubtedSeq,
  );
  return passed === undefined || candidate.some(({ startedSeq }) => startedSeq > passed.startedSeq);
}

/** The target counts as not passing only after two runs that began when the candidate was already in doubt. */
function judgeControl(
  { control, allowRedTarget }: Evidence,
  sinceSeq: number,
): 'green' | 'undecided' | NotPassed {
  const recent = control.filter(({ startedSeq }) => startedSeq >= sinceSeq);
  if (recent.some(({ verdict }) => verdict.kind === 'pass')) return 'green';
  const last = recent.at(-1)?.verdict;
  if (last === undefined || last.kind === 'pass' || recent.length < 2) return 'undecided';
  return last.kind === 'fail' && allowRedTarget ? 'green' : last;
}

function blameless(control: NotPassed): Judgement {
  return control.kind === 'fail'
    ? { kind: 'target_red', failure: control.failure }
    : { kind: 'infrastructure', failure: control.failure };
}
