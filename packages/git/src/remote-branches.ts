import { remoteAccess } from './credential.ts';
import { commonGitDir } from './neutral-view.ts';
import type { RemoteOptions } from './push.ts';
import { listRefs, parseSha, type RefEntry } from './refs.ts';
import { localPathOf } from './remote-url.ts';
import { callOptions, runGit, safeArgument, textOf } from './run-git.ts';

/**
 * Lists the branches of a remote as full refs, sorted by name.
 *
 * @throws {GitError} `GIT_FAILED` when the remote cannot be reached.
 */
export async function remoteBranches(options: RemoteOptions): Promise<readonly RefEntry[]> {
  const prefix = 'refs/heads/';
  const path = localPathOf(options.remote);
  if (path !== undefined) return await listRefs({ ...callOptions(options), repository: path, prefix });
  const gitDir = commonGitDir(options.repository);
  const { config, env } = await remoteAccess({ ...options, gitDir });
  const args = ['ls-remote', '--heads', '--', safeArgument(options.remote, 'remote')];
  const text = textOf(await runGit({ ...callOptions(options), gitDir, env, config, args }));
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [commit = '', ref = ''] = line.split('\t');
      return { ref, commit: parseSha(commit) };
    })
    .toSorted((a, b) => (a.ref < b.ref ? -1 : 1));
}
