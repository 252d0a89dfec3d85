import type { SpawnResult } from './spawn.ts';
import { openNeutralView } from './neutral-view.ts';
import { callOptions, runGit, type CallOptions, type GitCall } from './run-git.ts';

/** Where an operation works: a bare repository, or a work tree, whose git directory is then used. */
export interface RepositoryOptions extends CallOptions {
  readonly repository: string;
}

/** Runs git on the objects and refs of a repository, without its configuration, hooks or attributes. */
export async function runInView(
  options: RepositoryOptions,
  call: Omit<GitCall, 'gitDir' | 'signal' | 'timeoutMs'>,
): Promise<SpawnResult> {
  using view = openNeutralView(options.repository);
  return await runGit({ ...call, ...callOptions(options), gitDir: view.gitDir });
}
