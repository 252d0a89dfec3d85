import {
  silentLogger,
  systemClock,
  type Clock,
  type Journal,
  type Logger,
  type RunId,
  type RunOutcome,
  type RunState,
  type SandboxBackend,
  type Secret,
  type SwarmConfig,
} from '@agentswarm/core';
import type { Gateway, LlmClient } from '@agentswarm/llm-client';
import type { Gate, MergeQueue } from '@agentswarm/merge-queue';
import type { Prompts } from '../prompts.ts';
import type { RunFolder } from '../target/state-folder.ts';
import type { Target } from '../target/target.ts';
import { SwarmRun } from './swarm-run.ts';

export interface SwarmOptions {
  readonly runId: RunId;
  readonly config: SwarmConfig;
  readonly target: Target;
  readonly folder: RunFolder;
  /** Must hold `run_started`: see {@link startRun} and {@link resumeRun}. */
  readonly journal: Journal;
  readonly backend: SandboxBackend;
  readonly llm: LlmClient;
  readonly gateway: Gateway;
  readonly queue: MergeQueue;
  readonly gate: Gate;
  readonly prompts: Prompts;
  /** Program and arguments of the worker process; the assignment's path is added. */
  readonly workerCommand: readonly [string, ...string[]];
  /** Tokens the worker's model can read. Default 131072. */
  readonly contextWindow?: number;
  /** Never written to journal or transcripts. */
  readonly secrets?: readonly Secret[];
  /** Start although the gate is red on main; the first landing must turn it green. Default false. */
  readonly repair?: boolean;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

export interface SwarmOutcome {
  readonly outcome: RunOutcome;
  readonly reason: string;
  readonly state: RunState;
}

/** A swarm that works on one target. */
export interface Swarm {
  /**
   * Plans, dispatches and lands until the goal is met or the run must end. When `signal` aborts,
   * nothing new starts, sandboxes end, a push in progress completes, and the outcome is `interrupted`:
   * the run can be resumed.
   *
   * @throws {OrchestratorError} TARGET_RED when the gate fails on main before anything was done.
   */
  run(options?: { readonly signal?: AbortSignal }): Promise<SwarmOutcome>;
}

/** Wires a swarm; nothing starts before `run`. The caller owns and disposes everything it passes in. */
export function createSwarm(options: SwarmOptions): Swarm {
  return {
    run: ({ signal } = {}) =>
      new SwarmRun({
        contextWindow: 131_072,
        secrets: [],
        repair: false,
        clock: systemClock,
        logger: silentLogger,
        ...options,
        signal: signal ?? new AbortController().signal,
      }).run(),
  };
}
