import { callOptions, runGit, textOf } from './run-git.ts';
import type { RepositoryOptions } from './read-repository.ts';

/** The URL a repository has configured for a remote, as written there; undefined when it has none. */
export async function remoteUrl(
  options: RepositoryOptions & { readonly name: string },
): Promise<string | undefined> {
  const args = ['config', '--local', '--get', `remote.${options.name}.url`];
  const result = await runGit({ ...callOptions(options), cwd: options.repository, args, accept: [0, 1] });
  return result.exitCode === 0 ? textOf(result) : undefined;
}
