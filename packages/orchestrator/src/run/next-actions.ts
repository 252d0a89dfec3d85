import type { AttemptState, RunOutcome, RunState, Task, TaskId, TaskState } from '@agentswarm/core';
import { attemptsOf, couldNotRun, countedAttempts, isPending } from '../scheduler/attempt-count.ts';
import { isIdle, reasonToPlan } from '../scheduler/planning-policy.ts';
import { selectTasks, type SchedulingLimits } from '../scheduler/select-tasks.ts';

/** Something the run must do now. */
export type Action =
  | { readonly type: 'enqueue'; readonly attempt: AttemptState }
  | { readonly type: 'give_up'; readonly taskId: TaskId; readonly reason: string }
  | { readonly type: 'cancel'; readonly taskId: TaskId; readonly reason: string }
  | { readonly type: 'dispatch'; readonly task: Task }
  | { readonly type: 'plan'; readonly reason: string }
  | { readonly type: 'finish'; readonly outcome: RunOutcome; readonly reason: string };

export interface RunLimits extends SchedulingLimits {
  readonly maxPlanningRounds: number;
}

/** Rounds without a task, while nothing runs, after which the run ends. */
const MAX_EMPTY_ROUNDS = 3;
/** Planning rounds that fail in a row before the run ends. */
const MAX_PLANNING_FAILURES = 3;
/** Attempts in a row that could not run (no model, no sandbox) before the run pauses. */
const MAX_INFRASTRUCTURE_FAILURES = 3;

/**
 * What to do next, from the state alone: recomputed after every event, so that a lost wake-up or a
 * restart changes nothing. Empty when the run has to wait.
 */
export function nextActions(state: RunState, limits: RunLimits): Action[] {
  const settling = [...enqueueActions(state), ...giveUpActions(state, limits), ...cancelActions(state)];
  if (settling.length > 0) return settling;
  const end = findEnd(state, limits);
  if (end !== undefined) return end.type === 'wait' ? [] : [end];
  const dispatches = selectTasks(state, limits).map((task): Action => ({ type: 'dispatch', task }));
  if (dispatches.length > 0) return dispatches;
  const reason = reasonToPlan(state, limits);
  return reason === undefined || state.planning.round >= limits.maxPlanningRounds
    ? []
    : [{ type: 'plan', reason }];
}

function enqueueActions(state: RunState): Action[] {
  return [...state.attempts.values()]
    .filter((attempt) => attempt.status === 'handed_off')
    .map((attempt) => ({ type: 'enqueue', attempt }));
}

function giveUpActions(state: RunState, { maxAttempts }: RunLimits): Action[] {
  const outOfBudget = ({ task }: TaskState) => state.spend.exhaustedTasks.get(task.id);
  return [...state.tasks.values()]
    .filter((task) => task.status === 'open' && !attemptsOf(task, state).some(isPending))
    .filter((task) => countedAttempts(task, state) >= maxAttempts || outOfBudget(task) !== undefined)
    .map((task) => {
      const last = attemptsOf(task, state).findLast((attempt) => attempt.evidence !== undefined)?.evidence;
      const reason =
        outOfBudget(task) ??
        `${maxAttempts} attempts did not land; the last was ${last?.outcome}: ${last?.reason}`;
      return { type: 'give_up', taskId: task.task.id, reason };
    });
}

function cancelActions(state: RunState): Action[] {
  return [...state.tasks.values()].flatMap((task): Action[] => {
    if (task.status !== 'open') return [];
    const lost = task.task.dependsOn.find((id) =>
      ['failed', 'cancelled'].includes(state.tasks.get(id)?.status ?? ''),
    );
    if (lost === undefined) return [];
    return [{ type: 'cancel', taskId: task.task.id, reason: `it depends on ${lost}, which did not land` }];
  });
}

type End = Extract<Action, { type: 'finish' }> | { readonly type: 'wait' };

/** Whether the run is over; `wait` while it is, but something still runs. */
function findEnd(state: RunState, limits: RunLimits): End | undefined {
  const stop = findStop(state);
  const busy = state.planning.active || [...state.attempts.values()].some(isPending);
  if (stop !== undefined) return state.queue.stopped !== undefined || !busy ? stop : { type: 'wait' };
  if (state.planning.active || !isIdle(state, limits)) return undefined;
  return findIdleEnd(state, limits);
}

/** Reasons to end although there is work left. */
function findStop(state: RunState): Extract<Action, { type: 'finish' }> | undefined {
  const { stopped } = state.queue;
  if (stopped !== undefined)
    return { type: 'finish', outcome: 'not_met', reason: `${stopped.code}: ${stopped.message}` };
  const pause = findPause(state);
  if (pause !== undefined) return { type: 'finish', outcome: 'paused', reason: pause };
  if (state.planning.failures >= MAX_PLANNING_FAILURES) {
    const { failures, lastFailure } = state.planning;
    const reason = `${failures} planning rounds in a row failed, the last with: ${lastFailure?.message}`;
    return { type: 'finish', outcome: lastFailure?.problem === 'endpoint' ? 'paused' : 'not_met', reason };
  }
  const ended = [...state.attempts.values()]
    .filter(
      (attempt) => (attempt.endedAtMs ?? 0) >= (state.activeSinceMs ?? 0) && attempt.status !== 'abandoned',
    )
    .toSorted((a, b) => (a.endedAtMs ?? 0) - (b.endedAtMs ?? 0))
    .slice(-MAX_INFRASTRUCTURE_FAILURES);
  if (ended.length < MAX_INFRASTRUCTURE_FAILURES || !ended.every(couldNotRun)) return undefined;
  return {
    type: 'finish',
    outcome: 'paused',
    reason: `attempts cannot run: ${ended.at(-1)?.evidence?.reason}`,
  };
}

/** Why only a person can help: there is no money, or no model runs. */
function findPause({ spend, planning }: RunState): string | undefined {
  if (spend.exhausted !== undefined) return spend.exhausted.message;
  const { failures, lastFailure } = planning;
  const isPause = lastFailure?.problem === 'budget' || lastFailure?.problem === 'model_wait';
  return failures > 0 && isPause ? lastFailure.message : undefined;
}

function findIdleEnd(state: RunState, limits: RunLimits): End | undefined {
  if (state.planning.specMet)
    return { type: 'finish', outcome: 'goal_met', reason: 'every feature has landed and main is green' };
  if (state.planning.round >= limits.maxPlanningRounds) {
    return {
      type: 'finish',
      outcome: 'not_met',
      reason: `MAX_PLANNING_ROUNDS (${limits.maxPlanningRounds}) is used up`,
    };
  }
  if (state.planning.emptyRounds >= MAX_EMPTY_ROUNDS) {
    return {
      type: 'finish',
      outcome: 'not_met',
      reason: `the planner gave no task in ${state.planning.emptyRounds} rounds and does not call the specification met`,
    };
  }
  return undefined;
}
