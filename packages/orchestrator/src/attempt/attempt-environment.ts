import type { Logger, RunEvent, RunId, SandboxBackend, SwarmConfig } from '@agentswarm/core';
import type { Gateway } from '@agentswarm/llm-client';

/** What every attempt of a run has in common. */
export interface AttemptEnvironment {
  readonly runId: RunId;
  readonly config: SwarmConfig;
  readonly backend: SandboxBackend;
  readonly gateway: Gateway;
  /** Bare repository that takes the branches. */
  readonly store: string;
  readonly gate: readonly string[];
  /** System prompt of the worker. */
  readonly instructions: string;
  /** Program and arguments of the worker process, before the assignment's path. */
  readonly workerCommand: readonly [string, ...string[]];
  readonly transcripts: string;
  readonly contextWindow: number;
  readonly redact: (text: string) => string;
  readonly logger: Logger;
  readonly append: (event: RunEvent) => void;
}
