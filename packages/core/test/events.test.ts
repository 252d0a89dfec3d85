import { EVENT_VERSION, isDurableEvent, RunEventSchema, type RunEvent } from '@agentswarm/core';
import { expect, it } from 'vitest';
import {
  about,
  attemptStarted,
  conflicted,
  dispatched,
  ejected,
  event,
  exhausted,
  finished,
  gateFinished,
  gateStarted,
  handedOff,
  intended,
  landed,
  modelCalled,
  planned,
  queued,
  reserved,
  resumed,
  settled,
  sha,
  started,
  stopping,
  task,
} from './run-samples.ts';

const red = { command: 'npm test', exitCode: 1, outputTail: '' };
const ofBranch = { ticket: 'a.1', branch: 'worker/a' };

/** One of every type; the compiler asks for new ones. */
const SAMPLES: Readonly<Record<RunEvent['type'], RunEvent>> = {
  run_started: started(),
  run_resumed: resumed(),
  run_stopping: stopping(),
  run_finished: finished(),
  notice_raised: event({ type: 'notice_raised', level: 'info', message: 'hello' }),
  feature_status_landed: event({ type: 'feature_status_landed', commit: sha('a') }),
  planning_started: event({ type: 'planning_started', round: 1, reason: 'start' }),
  planning_completed: planned([task('a')]),
  planning_failed: event({ type: 'planning_failed', round: 1, message: 'm', problem: 'answer' }),
  task_failed: event({ type: 'task_failed', taskId: 'a', reason: 'r' }),
  task_cancelled: event({ type: 'task_cancelled', taskId: 'a', reason: 'r' }),
  attempt_dispatched: dispatched('a.1'),
  attempt_started: attemptStarted('a.1'),
  attempt_progressed: about('a.1', 'attempt_progressed', { phase: 'tool', message: 'm', toolCalls: 1 }),
  attempt_handed_off: handedOff('a.1'),
  attempt_refused: about('a.1', 'attempt_refused', { files: [], reason: 'r' }),
  attempt_failed: about('a.1', 'attempt_failed', { reason: 'worker_died', message: 'm' }),
  attempt_abandoned: about('a.1', 'attempt_abandoned', { reason: 'r' }),
  branch_queued: queued('a.1'),
  gate_started: gateStarted(['a.1']),
  gate_finished: gateFinished(['a.1'], 'pass'),
  landing_intended: intended(['a.1']),
  branch_landed: landed('a.1'),
  branch_conflicted: conflicted('a.1'),
  branch_ejected: ejected('a.1'),
  queue_stopped: event({ type: 'queue_stopped', code: 'C', message: 'm' }),
  queue_opened: event({ type: 'queue_opened', epoch: 1 }),
  gate_flaked: event({ type: 'gate_flaked', tickets: ['a.1'], candidate: sha('a'), failure: red }),
  batch_parked: event({ type: 'batch_parked', tickets: ['a.1'], candidate: sha('a'), failure: red }),
  branch_refused: event({
    type: 'branch_refused',
    ...ofBranch,
    reason: 'silent_revert',
    message: 'm',
    paths: ['a.ts'],
  }),
  branch_cancelled: event({ type: 'branch_cancelled', ...ofBranch }),
  branch_warned: event({
    type: 'branch_warned',
    ...ofBranch,
    warning: 'unexplained_changes',
    paths: ['a.ts'],
  }),
  mirror_pushed: event({ type: 'mirror_pushed', mirror: 'backup', commit: sha('a') }),
  mirror_failed: event({ type: 'mirror_failed', mirror: 'backup', message: 'm' }),
  model_called: modelCalled('worker', {
    costUsd: 0.01,
    route: { reason: 'overflow', detail: 'saturated' },
  }),
  budget_reserved: reserved('c-1', { nanoUsd: 200, tokens: 300, model: 'm', taskId: 'a', attemptId: 'a.1' }),
  budget_settled: settled('c-1', { nanoUsd: 100, tokens: 100 }),
  budget_policy_set: event({ type: 'budget_policy_set', policy: { run: { usd: 5 } } }),
  budget_exhausted: exhausted({ scope: 'run' }),
};
const samples = Object.values(SAMPLES);

it('has a sample of every type, each surviving JSON unchanged', () => {
  expect(samples.map((sample) => sample.type)).toEqual(Object.keys(SAMPLES));
  for (const sample of samples)
    expect(RunEventSchema.parse(JSON.parse(JSON.stringify(sample)))).toEqual(sample);
});

it('takes no unknown type and no unknown or missing field', () => {
  expect(RunEventSchema.safeParse({ type: 'something_else' }).success).toBe(false);
  for (const sample of samples) {
    expect(RunEventSchema.safeParse({ ...sample, extra: 1 }).success).toBe(false);
    expect(RunEventSchema.safeParse({ type: sample.type }).success).toBe(false);
  }
});

it('marks these as having to survive a crash of the machine', () => {
  expect(samples.filter(isDurableEvent).map((sample) => sample.type)).toMatchInlineSnapshot(`
    [
      "run_started",
      "run_finished",
      "feature_status_landed",
      "planning_completed",
      "attempt_dispatched",
      "attempt_handed_off",
      "landing_intended",
      "branch_landed",
      "budget_policy_set",
    ]
  `);
});

it('changes its version only on purpose', () => {
  expect(EVENT_VERSION).toBe(1);
});
