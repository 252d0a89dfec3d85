import type { CommitSha, GateFailure } from '@agentswarm/core';
import type { QueueStop } from '../errors.ts';
import { gateCannotRun } from '../land/move-target.ts';
import type { QueueContext } from './queue-context.ts';

/** Pauses between attempts while neither candidate nor target can be judged. */
const PAUSES_MS = [1000, 5000];

type RetryContext = Pick<QueueContext, 'clock' | 'runs' | 'wake' | 'branch' | 'signal' | 'logger'>;

/** Bounded retries for a gate that cannot run on the target either: nobody's fault, so nobody is blamed. */
export class InfrastructureRetries {
  readonly #context: RetryContext;
  #failures = 0;
  #pausing = false;

  constructor(context: RetryContext) {
    this.#context = context;
  }

  /** Whether the next attempt has to wait. */
  get isPausing(): boolean {
    return this.#pausing;
  }

  /** The gate works: something passed. A fail says nothing, a branch may fail where the target cannot be judged. */
  worked(): void {
    this.#failures = 0;
  }

  /** Forgets what was said about the trees and pauses; gives the stop when that has been done often enough. */
  failed(found: {
    readonly trees: readonly CommitSha[];
    readonly onto: CommitSha;
    readonly failure: GateFailure;
  }): QueueStop | undefined {
    const pauseMs = PAUSES_MS[this.#failures];
    if (pauseMs === undefined) return gateCannotRun(this.#context, found.onto, found.failure);
    this.#failures += 1;
    const { clock, runs, wake, signal, logger } = this.#context;
    for (const tree of found.trees) runs.forget(tree);
    logger.warn({ pauseMs, problem: found.failure.problem }, 'the gate cannot run, not even on the target');
    this.#pausing = true;
    const resume = () => {
      this.#pausing = false;
      wake();
    };
    // Woken by the abort too: the loop then sees it.
    clock.sleep(pauseMs, signal).then(resume, resume);
    return undefined;
  }
}
