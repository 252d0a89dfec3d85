import { silentLogger, systemClock } from '@agentswarm/core';
import { NO_RENT } from '../budget/rent.ts';
import type { SwarmOptions, SwarmOutcome } from './swarm-options.ts';
import { SwarmRun } from './swarm-run.ts';

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
        rent: NO_RENT,
        clock: systemClock,
        logger: silentLogger,
        ...options,
        signal: signal ?? new AbortController().signal,
      }).run(),
  };
}
