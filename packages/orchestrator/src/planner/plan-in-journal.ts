import {
  toSwarmError,
  type Clock,
  type RunEvent,
  type RunEventOf,
  type RunState,
  type SwarmConfig,
} from '@agentswarm/core';
import { LlmError, type LlmClient } from '@agentswarm/llm-client';
import { forbiddenPaths } from '../attempt/forbidden-paths.ts';
import type { Target } from '../target/target.ts';
import { planRound } from './plan-round.ts';
import { readRepositoryView } from './repository-view.ts';

export interface PlanInJournalOptions {
  readonly llm: LlmClient;
  readonly target: Target;
  readonly config: SwarmConfig;
  readonly clock: Clock;
  /** The state the round is planned from. */
  readonly state: RunState;
  readonly instructions: string;
  readonly append: (event: RunEvent) => void;
  readonly signal: AbortSignal;
}

/** One planning round; its end is an event. Aborted: no event, the round is simply made again. */
export async function planInJournal(options: PlanInJournalOptions): Promise<void> {
  const { state, target, config, clock, append, signal } = options;
  const round = state.planning.round + 1;
  const startedAtMs = clock.nowMs();
  try {
    const main = { repository: target.state.store, commit: state.main ?? target.base };
    const { tasks, scratchpad, specMet } = await planRound({
      llm: options.llm,
      instructions: options.instructions,
      signal,
      state,
      round,
      maxRounds: config.maxPlanningRounds,
      maxAttempts: config.maxAttempts,
      shared: config.shared,
      forbidden: forbiddenPaths(config),
      repository: await readRepositoryView(main, target.features),
    });
    const durationMs = clock.nowMs() - startedAtMs;
    append({
      type: 'planning_completed',
      round,
      tasks,
      scratchpad,
      specMet,
      durationMs,
      heardSeq: state.lastSeq,
    });
  } catch (error) {
    if (signal.aborted || !(error instanceof LlmError)) throw error;
    append({ type: 'planning_failed', round, problem: problemOf(error), message: messageOf(error) });
  }
}

function problemOf({ code }: LlmError): RunEventOf<'planning_failed'>['problem'] {
  switch (code) {
    case 'INVALID_ANSWER':
      return 'answer';
    case 'BUDGET_EXHAUSTED':
      return 'budget';
    case 'MODEL_WAIT':
      return 'model_wait';
    default:
      return 'endpoint';
  }
}

/** A model that could not be started comes with what its server said. */
function messageOf({ code, message, cause }: LlmError): string {
  return code === 'MODEL_WAIT' && cause !== undefined
    ? `${message}: ${toSwarmError(cause).message}`
    : message;
}
