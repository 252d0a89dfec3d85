import type { RunEventOf } from '../events/run-event.ts';
import type { RunState, TaskState } from './run-state.ts';

type PlanningEvent = RunEventOf<
  'planning_started' | 'planning_completed' | 'planning_failed' | 'task_failed' | 'task_cancelled'
>;

export function foldPlanning(state: RunState, event: PlanningEvent): RunState {
  switch (event.type) {
    case 'planning_started':
      return { ...state, planning: { ...state.planning, round: event.round, active: true } };
    case 'planning_completed':
      return addTasks(state, event);
    case 'planning_failed':
      return {
        ...state,
        planning: {
          ...state.planning,
          round: isUnasked(event) ? event.round - 1 : state.planning.round,
          active: false,
          failures: state.planning.failures + 1,
          lastFailure: { problem: event.problem, message: event.message },
        },
      };
    case 'task_failed':
      return withTask(state, event.taskId, { status: 'failed', reason: event.reason });
    case 'task_cancelled':
      return withTask(state, event.taskId, { status: 'cancelled', reason: event.reason });
  }
}

/** No model was there to answer: when there is one again, the round is made, and does not count twice. */
function isUnasked({ problem }: RunEventOf<'planning_failed'>): boolean {
  return problem === 'budget' || problem === 'model_wait';
}

function addTasks(state: RunState, event: RunEventOf<'planning_completed'>): RunState {
  const tasks = new Map(state.tasks);
  for (const task of event.tasks)
    tasks.set(task.id, { task, round: event.round, status: 'open', attempts: [] });
  const { scratchpad, specMet, heardSeq } = event;
  return {
    ...state,
    tasks,
    planning: {
      ...state.planning,
      active: false,
      failures: 0,
      emptyRounds: event.tasks.length === 0 && !specMet ? state.planning.emptyRounds + 1 : 0,
      scratchpad,
      specMet,
      heardSeq,
    },
  };
}

/** The state with some fields of one task replaced; unchanged when the task is unknown. */
export function withTask(
  state: RunState,
  taskId: TaskState['task']['id'],
  change: Partial<TaskState>,
): RunState {
  const task = state.tasks.get(taskId);
  if (task === undefined) return state;
  return { ...state, tasks: new Map(state.tasks).set(taskId, { ...task, ...change }) };
}
