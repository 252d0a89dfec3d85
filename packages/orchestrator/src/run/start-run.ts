import type { EndpointReport, Journal, RunId, RunState, SwarmConfig } from '@agentswarm/core';
import { OrchestratorError } from '../errors.ts';
import type { Target } from '../target/target.ts';

/** The process that drives a run. */
export interface RunProcess {
  readonly pid: number;
  /** Version of the program. */
  readonly version: string;
}

/** Opens a run in an empty journal: everything it depends on is recorded, secrets as `***`. */
export function startRun(options: {
  readonly journal: Journal;
  readonly runId: RunId;
  readonly target: Target;
  readonly config: SwarmConfig;
  readonly endpoints: readonly EndpointReport[];
  readonly isolation: string;
  readonly repair?: boolean;
  readonly process: RunProcess;
}): void {
  const { journal, runId, target, config } = options;
  journal.append({
    type: 'run_started',
    runId,
    process: options.process,
    target: {
      path: target.path,
      remote: target.displayRemote,
      mainBranch: target.mainBranch,
      base: target.base,
    },
    config: JSON.parse(JSON.stringify(config)) as Record<string, unknown>,
    gate: [...target.gate],
    spec: target.spec,
    features: [...target.features],
    endpoints: [...options.endpoints],
    isolation: options.isolation,
    ...(options.repair === true ? { repair: true } : {}),
  });
  for (const message of target.notices) journal.append({ type: 'notice_raised', level: 'warning', message });
}

/**
 * Continues a run whose journal was left by an earlier process.
 *
 * @throws {OrchestratorError} RUN_ALREADY_FINISHED when its goal is met; RUN_NOT_STARTED when its
 * journal holds no start.
 */
export function resumeRun(options: {
  readonly journal: Journal;
  readonly state: RunState;
  readonly target: Pick<Target, 'tip'>;
  readonly endpoints: readonly EndpointReport[];
  readonly process: RunProcess;
}): void {
  assertResumable(options.state);
  options.journal.append({
    type: 'run_resumed',
    process: options.process,
    main: options.target.tip,
    endpoints: [...options.endpoints],
  });
}

/** @throws {OrchestratorError} as {@link resumeRun}. */
export function assertResumable(state: RunState): void {
  if (state.run === undefined) {
    throw new OrchestratorError('RUN_NOT_STARTED', 'the run ended before it began: its journal is empty');
  }
  if (state.finished?.outcome === 'goal_met') {
    throw new OrchestratorError('RUN_ALREADY_FINISHED', `${state.run.runId} has already met its goal`, {
      details: { runId: state.run.runId },
    });
  }
}
