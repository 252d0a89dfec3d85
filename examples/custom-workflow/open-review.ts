import { fileURLToPath } from 'node:url';
import { Engine, type EngineOptions } from '@agentswarm/dag-engine/engine';
import { readEntry } from './read-entry.ts';
import { scriptedReviewer } from './scripted-reviewer.ts';

const configDir = fileURLToPath(new URL('config', import.meta.url));

/** The review of changelog entries for a workspace with `packages/`; without another model a script plays its agent. */
export async function openReview(workspaceRoot: string, options: EngineOptions = {}): Promise<Engine> {
  return await Engine.fromConfigDir(configDir, {
    workspaceRoot,
    deterministicOps: { read_entry: readEntry },
    llmFactory: () => scriptedReviewer,
    ...options,
  });
}
