import type { Journal, Logger, RunOutcome, RunState, Secret, SwarmConfig } from '@agentswarm/core';
import type { LlmEndpoint } from '@agentswarm/llm-client';
import type { HostSettings } from './host-settings.ts';

/** A run that exists: its journal can be followed. */
export interface StartedRun {
  readonly runId: string;
  /** Absolute path of the run folder. */
  readonly folder: string;
  readonly journal: Journal;
}

export interface ComposeRunOptions {
  readonly config: SwarmConfig;
  readonly endpoints: readonly LlmEndpoint[];
  /** Absolute path of the target repository. */
  readonly targetPath: string;
  /** Start although the gate is red on the target's main. */
  readonly repair: boolean;
  /** Go on without OS isolation where it is missing; only for authored answers. */
  readonly allowNoIsolationFallback: boolean;
  readonly resumeRunId?: string;
  /** Cassette that exchanges with models are appended to. */
  readonly recordPath?: string;
  readonly stop: { readonly graceful: AbortSignal; readonly now: AbortSignal };
  readonly version: string;
  readonly host: HostSettings;
  readonly secrets: readonly Secret[];
  readonly logger: Logger;
  /** Called once the run folder and journal exist, before any work. */
  onStarted(run: StartedRun): void | Promise<void>;
}

/** Wires every package together and carries one run to its end. */
export type ComposeRun = (options: ComposeRunOptions) => Promise<{
  readonly outcome: RunOutcome;
  readonly reason: string;
  readonly state: RunState;
}>;
