import { existsSync } from 'node:fs';
import { cp, mkdtemp, rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { demoTargetDirectory } from './assets.ts';
import type { CliContext } from './context.ts';
import { CliError } from './errors.ts';
import { runCommand } from './spawn.ts';

/** Name of the repository inside the demo's folder; its bare remote has `.git` appended. */
export const DEMO_REPOSITORY = 'voxelcraft';

const LEFT_OUT: ReadonlySet<string> = new Set(['node_modules', 'dist', '.agentswarm', '.git']);
const IDENTITY = ['-c', 'user.name=AgentSwarm Demo', '-c', 'user.email=demo@agentswarm.invalid'];
/** A commit in the demo depends on nothing of the person's git configuration. */
const ISOLATED_GIT = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' };

export interface DemoRepositoryOptions {
  readonly env: CliContext['env'];
  /** An existing empty directory; default: a new temporary one. */
  readonly directory?: string;
  /** The project to copy; default: the bundled one. */
  readonly project?: string;
}

/**
 * Copies the project into a new repository with one commit on `main`, pushed to a bare remote beside it.
 * Returns the folder that holds both; it belongs to the person.
 */
export async function createDemoRepository(options: DemoRepositoryOptions): Promise<string> {
  const project = options.project ?? demoTargetDirectory();
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'agentswarm-demo-')));
  const repository = join(directory, DEMO_REPOSITORY);
  const remote = `${repository}.git`;
  await cp(project, repository, {
    recursive: true,
    filter: (path) => path === project || !LEFT_OUT.has(basename(path)),
  });
  // npm leaves .gitignore files out of every package: the build gives it another name.
  const packedIgnoreFile = join(repository, '_gitignore');
  if (existsSync(packedIgnoreFile)) await rename(packedIgnoreFile, join(repository, '.gitignore'));
  const git = (cwd: string, ...args: string[]) =>
    runGit(args, { cwd, env: { ...options.env, ...ISOLATED_GIT } });
  await git(directory, 'init', '--quiet', '--bare', '--template=', '--initial-branch=main', remote);
  await git(repository, 'init', '--quiet', '--template=', '--initial-branch=main');
  await git(repository, 'add', '--all');
  await git(repository, ...IDENTITY, 'commit', '--quiet', '--message=chore: start from the scaffold');
  await git(repository, 'remote', 'add', 'origin', remote);
  await git(repository, 'push', '--quiet', '--set-upstream', 'origin', 'main');
  return directory;
}

async function runGit(
  args: readonly string[],
  options: { readonly cwd: string; readonly env: CliContext['env'] },
): Promise<void> {
  const result = await runCommand('git', args, options);
  if (result.kind === 'exited' && result.exitCode === 0) return;
  const problem = result.kind === 'exited' ? result.stderr.trim() : result.problem;
  throw new CliError('CLI_COMMAND_FAILED', `git ${args.at(0)} failed: ${problem}`, { details: { args } });
}
