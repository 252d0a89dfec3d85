import { existsSync } from 'node:fs';
import { RunIdSchema, type SandboxBackend, type SwarmConfig } from '@agentswarm/core';
import { runFolderOf, type StateFolder } from '@agentswarm/orchestrator';

export interface DeadRuns {
  readonly config: Pick<SwarmConfig, 'sandboxBackend'>;
  /** Of the target, whose lock is held: none of its runs is live. */
  readonly state: StateFolder;
  /** May have left finished work, which the run itself looks for. */
  readonly resumeRunId?: string;
}

/** Ends what dead runs of a target left. */
export async function reapDeadRuns(
  backend: Pick<SandboxBackend, 'list' | 'reap'>,
  dead: DeadRuns,
): Promise<void> {
  const { config, state, resumeRunId } = dead;
  const runs = new Set((await backend.list({})).map(({ labels }) => labels.run));
  for (const run of runs) {
    // In an account there are sandboxes of other repositories, too, whose runs may be resumed.
    const isOurs = config.sandboxBackend === 'local' || isRunOf(state, run);
    if (run !== resumeRunId && isOurs) await backend.reap({ run });
  }
}

function isRunOf(state: StateFolder, run: string): boolean {
  const id = RunIdSchema.safeParse(run);
  return id.success && existsSync(runFolderOf(state, id.data).path);
}
