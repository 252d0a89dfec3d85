import {
  attemptIdOf,
  BranchNameSchema,
  type AttemptId,
  type CommitSha,
  type RunState,
  type SwarmConfig,
  type Task,
  type TaskAssignment,
} from '@agentswarm/core';
import { attemptsOf } from '../scheduler/attempt-count.ts';

/** One attempt, decided: appended as `attempt_dispatched` before anything else happens. */
export interface AttemptPlan {
  readonly task: Task;
  readonly attemptId: AttemptId;
  readonly number: number;
  readonly branch: TaskAssignment['branch'];
  readonly base: CommitSha;
  readonly evidence: TaskAssignment['evidence'];
}

/** Decides the next attempt of a task: its number, branch and base, the main of this moment. */
export function planAttempt(task: Task, state: RunState, config: SwarmConfig): AttemptPlan {
  const taskState = state.tasks.get(task.id);
  const earlier = taskState === undefined ? [] : attemptsOf(taskState, state);
  const number = earlier.length + 1;
  return {
    task,
    number,
    attemptId: attemptIdOf(task.id, number),
    branch: BranchNameSchema.parse(`${config.gitBranchPrefix}${task.id}.${number}`),
    base: state.main as CommitSha,
    evidence: earlier.map((attempt) => attempt.evidence).filter((evidence) => evidence !== undefined),
  };
}
