import type {
  AttemptId,
  CommitSha,
  Logger,
  RunEvent,
  RunId,
  SandboxBackend,
  SwarmConfig,
} from '@agentswarm/core';
import type { Gateway } from '@agentswarm/llm-client';
import type { GuardFinding } from '@agentswarm/merge-queue';
import type { Rent } from '../budget/rent.ts';
import type { AttemptStop } from './find-attempt-stop.ts';

/** What every attempt of a run has in common. */
export interface AttemptEnvironment {
  readonly runId: RunId;
  readonly config: SwarmConfig;
  readonly backend: SandboxBackend;
  readonly gateway: Gateway;
  readonly rent: Rent;
  /** Bare repository that takes the branches. */
  readonly store: string;
  readonly gate: readonly string[];
  /** What the merge queue would refuse a head for on the main of this moment. */
  readonly guard: (head: CommitSha) => Promise<readonly GuardFinding[]>;
  /** System prompt of the worker. */
  readonly instructions: string;
  /** Program and arguments of the worker process, before the assignment's path. */
  readonly workerCommand: readonly [string, ...string[]];
  readonly transcripts: string;
  readonly contextWindow: number;
  readonly redact: (text: string) => string;
  readonly logger: Logger;
  /** Why an attempt must not go on, by the state of this moment. */
  readonly findStop: (attemptId: AttemptId) => AttemptStop | undefined;
  readonly append: (event: RunEvent) => void;
}
