import type {
  Clock,
  Journal,
  Logger,
  RunId,
  RunOutcome,
  RunState,
  SandboxBackend,
  Secret,
  SwarmConfig,
} from '@agentswarm/core';
import type { Gateway, LlmClient } from '@agentswarm/llm-client';
import type { Gate, MergeQueue } from '@agentswarm/merge-queue';
import type { HandInGuard } from '../attempt/hand-in-guard.ts';
import type { Rent } from '../budget/rent.ts';
import type { Prompts } from '../prompts.ts';
import type { RunFolder } from '../target/state-folder.ts';
import type { Target } from '../target/target.ts';

export interface SwarmOptions {
  readonly runId: RunId;
  readonly config: SwarmConfig;
  readonly target: Target;
  readonly folder: RunFolder;
  /** Must hold `run_started`: see `startRun` and `resumeRun`. */
  readonly journal: Journal;
  readonly backend: SandboxBackend;
  readonly llm: LlmClient;
  readonly gateway: Gateway;
  readonly queue: MergeQueue;
  readonly gate: Gate;
  /** What costs money while time passes. Default: nothing. */
  readonly rent?: Rent;
  /** Looks at what attempts hand in, in the target's store. */
  readonly guard: HandInGuard;
  readonly prompts: Prompts;
  /** Program and arguments of the worker process; the assignment's path is added. */
  readonly workerCommand: readonly [string, ...string[]];
  /** Tokens the worker's model can read. Default 131072. */
  readonly contextWindow?: number;
  /** Never written to transcripts; {@link createRedactingJournal} keeps them out of a journal. */
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
