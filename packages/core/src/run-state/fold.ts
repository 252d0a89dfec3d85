import type { JournalRecord } from '../ports/journal.ts';
import { foldAttempt } from './fold-attempt.ts';
import { foldBudget } from './fold-budget.ts';
import { foldModelCall } from './fold-model-call.ts';
import { foldPlanning } from './fold-planning.ts';
import { foldQueue } from './fold-queue.ts';
import { foldRun } from './fold-run.ts';
import { outcomeOf } from './outcome.ts';
import { INITIAL_RUN_STATE, type RunState } from './run-state.ts';

/** The state after one more record. Pure; records must come in order. */
export function applyRecord(state: RunState, record: JournalRecord): RunState {
  const next = foldEvent(state, record);
  const outcome = outcomeOf(next, record);
  const position = { lastSeq: record.seq, lastAtMs: record.atMs };
  if (outcome === undefined) return { ...next, ...position };
  // Something happened: an answer without tasks before it was waiting, not giving up.
  const planning = { ...next.planning, emptyRounds: 0 };
  return { ...next, ...position, planning, outcomes: [...next.outcomes, outcome] };
}

/** The state after all records. */
export function foldRecords(
  records: Iterable<JournalRecord>,
  initial: RunState = INITIAL_RUN_STATE,
): RunState {
  let state = initial;
  for (const record of records) state = applyRecord(state, record);
  return state;
}

function foldEvent(state: RunState, { event, atMs }: JournalRecord): RunState {
  switch (event.type) {
    case 'run_started':
    case 'run_resumed':
    case 'run_stopping':
    case 'run_finished':
    case 'notice_raised':
    case 'feature_status_landed':
      return foldRun(state, event, atMs);
    case 'planning_started':
    case 'planning_completed':
    case 'planning_failed':
    case 'task_failed':
    case 'task_cancelled':
      return foldPlanning(state, event);
    case 'attempt_dispatched':
    case 'attempt_started':
    case 'attempt_progressed':
    case 'attempt_handed_off':
    case 'attempt_refused':
    case 'attempt_failed':
    case 'attempt_abandoned':
      return foldAttempt(state, event, atMs);
    case 'queue_opened':
    case 'branch_queued':
    case 'gate_started':
    case 'gate_finished':
    case 'gate_flaked':
    case 'batch_parked':
    case 'landing_intended':
    case 'branch_landed':
    case 'branch_conflicted':
    case 'branch_ejected':
    case 'branch_refused':
    case 'branch_cancelled':
    case 'branch_warned':
    case 'mirror_pushed':
    case 'mirror_failed':
    case 'queue_stopped':
      return foldQueue(state, event, atMs);
    case 'model_called':
      return foldModelCall(state, event);
    case 'budget_reserved':
    case 'budget_settled':
    case 'budget_policy_set':
    case 'budget_exhausted':
      return foldBudget(state, event);
  }
}
