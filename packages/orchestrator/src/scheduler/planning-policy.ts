import type { RunState, TaskOutcome } from '@agentswarm/core';
import { isPending, isRunning } from './attempt-count.ts';
import { selectTasks, type SchedulingLimits } from './select-tasks.ts';

/** Outcomes since the last round that are worth a round while others still run. */
const NEWS_WORTH_A_ROUND = 3;

/** Outcomes the planner has not heard of. */
function unheardOutcomes(state: RunState): TaskOutcome[] {
  return state.outcomes.filter((outcome) => outcome.seq > state.planning.heardSeq);
}

/** Whether nothing runs, waits for landing or could start. */
export function isIdle(state: RunState, limits: SchedulingLimits): boolean {
  return ![...state.attempts.values()].some(isPending) && selectTasks(state, limits).length === 0;
}

/**
 * Why a planning round should start now; undefined when none should. A round starts at the
 * beginning, when enough has happened and workers are about to run dry, and when all is idle.
 */
export function reasonToPlan(state: RunState, limits: SchedulingLimits): string | undefined {
  if (state.planning.active) return undefined;
  if (state.planning.round === 0) return 'the run begins';
  const news = unheardOutcomes(state);
  if (isIdle(state, limits))
    return news.length > 0 ? 'everything planned has ended' : 'nothing is left to do';
  if (state.planning.specMet || news.length < NEWS_WORTH_A_ROUND) return undefined;
  const running = [...state.attempts.values()].filter(isRunning).length;
  const open = [...state.tasks.values()].filter((task) => task.status === 'open').length;
  return open - running < limits.maxWorkers ? `${news.length} outcomes since the last round` : undefined;
}
