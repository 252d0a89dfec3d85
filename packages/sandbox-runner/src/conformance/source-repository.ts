import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { BranchNameSchema, CommitShaSchema, type CommitSha, type SandboxSpec } from '@agentswarm/core';
import { SandboxError } from '../errors.ts';
import { runHelper } from '../spawn.ts';

/** A small repository on the host for sandboxes to start from, removed when disposed. */
export interface SourceRepository extends AsyncDisposable {
  /** Holds everything of this repository; more may be put there. */
  readonly folder: string;
  readonly repository: string;
  readonly commit: CommitSha;
  /** Runs git in the repository. */
  readonly git: (...args: string[]) => Promise<string>;
  /** Commits files (by path) on top of the last commit. */
  readonly commitFiles: (files: Readonly<Record<string, string>>) => Promise<CommitSha>;
  /** A `source` for a sandbox. */
  readonly at: (commit: CommitSha, branch?: string) => NonNullable<SandboxSpec['source']>;
}

const ENVIRONMENT = {
  PATH: '/usr/local/bin:/usr/bin:/bin',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Test',
  GIT_AUTHOR_EMAIL: 'test@example.invalid',
  GIT_COMMITTER_NAME: 'Test',
  GIT_COMMITTER_EMAIL: 'test@example.invalid',
};

export async function createSourceRepository(
  files: Readonly<Record<string, string>> = { 'README.md': 'hello\n' },
): Promise<SourceRepository> {
  const folder = await mkdtemp(join(tmpdir(), 'agentswarm-source-'));
  const repository = join(folder, 'repository');
  const git = async (...args: string[]) => {
    const result = await runHelper('git', ['-C', repository, ...args], { env: ENVIRONMENT });
    if (result.ok) return result.stdout.trim();
    throw new SandboxError('SANDBOX_SETUP_FAILED', `git ${args[0]} failed: ${result.failure}`);
  };
  const commitFiles = async (added: Readonly<Record<string, string>>) => {
    for (const [path, text] of Object.entries(added)) {
      await mkdir(dirname(join(repository, path)), { recursive: true });
      await writeFile(join(repository, path), text);
    }
    await git('add', '-A');
    await git('commit', '-q', '-m', 'change');
    return CommitShaSchema.parse(await git('rev-parse', 'HEAD'));
  };
  await mkdir(repository);
  await git('init', '-q', '-b', 'main');
  return {
    folder,
    repository,
    commit: await commitFiles(files),
    git,
    commitFiles,
    at: (commit, branch = 'worker/task.1') => ({
      repository,
      commit,
      branch: BranchNameSchema.parse(branch),
    }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
