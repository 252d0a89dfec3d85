import { parseFeatureList, toSwarmError, type SwarmConfig } from '@agentswarm/core';
import { complaintOf } from '@agentswarm/git';
import { join } from 'node:path';
import { readTextIfExists } from '../config/read-files.ts';
import type { CliContext } from '../context.ts';
import { runCommand, type CommandResult } from '../spawn.ts';
import { fail, ok, warn, type CheckResult } from './check.ts';

/** Reads nothing but objects and refs: no hook, file monitor or password prompt of the repository runs. */
const INERT = [
  '-c',
  'core.hooksPath=/dev/null',
  '-c',
  'core.fsmonitor=false',
  '-c',
  'credential.interactive=false',
];
const REMOTE_TIMEOUT_MS = 20_000;

/** The checks of one target repository. */
export async function checkTarget(
  targetPath: string,
  config: SwarmConfig,
  env: CliContext['env'],
): Promise<CheckResult[]> {
  const quiet = { ...env, GIT_TERMINAL_PROMPT: '0' };
  const git = (...args: string[]) =>
    runCommand('git', [...INERT, '-C', targetPath, ...args], { env: quiet, timeoutMs: REMOTE_TIMEOUT_MS });
  const found = await git('rev-parse', '--is-bare-repository', '--show-prefix');
  const repository = checkRepository(targetPath, found);
  if (repository.status === 'fail') return [repository];
  const isBare = found.kind === 'exited' && found.stdout.startsWith('true');
  const read = isBare
    ? (name: string) => readCommitted(name, git)
    : (name: string) => readTextIfExists(join(targetPath, name));
  return [repository, ...(await checkInputs(read)), await checkRemote(config, git)];
}

type Git = (...args: string[]) => Promise<CommandResult>;
type ReadInput = (name: string) => Promise<string | undefined>;

async function readCommitted(name: string, git: Git): Promise<string | undefined> {
  const shown = await git('cat-file', 'blob', `HEAD:${name}`);
  return shown.kind === 'exited' && shown.exitCode === 0 ? shown.stdout : undefined;
}

function checkRepository(targetPath: string, result: CommandResult): CheckResult {
  if (result.kind === 'not_started' || result.exitCode !== 0) {
    return fail(
      'target',
      `${targetPath} is not a git repository`,
      'run `git init` there and make a first commit',
    );
  }
  const prefix = result.stdout.split('\n')[1] ?? '';
  if (prefix !== '') {
    return fail(
      'target',
      `${targetPath} is a folder inside a repository`,
      'name the top level with --target DIR',
    );
  }
  return ok('target', targetPath);
}

async function checkInputs(read: ReadInput): Promise<CheckResult[]> {
  const spec = await read('SPEC.md');
  const features = await read('FEATURES.json');
  const fix = 'run `agentswarm init` there and edit what it writes';
  return [
    spec === undefined ? fail('spec', 'SPEC.md is missing', fix) : ok('spec', 'SPEC.md is there'),
    features === undefined ? fail('features', 'FEATURES.json is missing', fix) : checkFeatures(features),
  ];
}

function checkFeatures(text: string): CheckResult {
  try {
    return ok('features', `FEATURES.json lists ${parseFeatureList(text).features.length} features`);
  } catch (error) {
    return fail('features', toSwarmError(error).message, 'correct the entries named');
  }
}

async function checkRemote(config: SwarmConfig, git: Git): Promise<CheckResult> {
  const remote = config.gitRepoUrl ?? 'origin';
  if (config.gitRepoUrl === undefined) {
    const known = await git('remote', 'get-url', 'origin');
    if (known.kind === 'exited' && known.exitCode !== 0) {
      return ok('remote', 'none; a bare landing repository will be made');
    }
  }
  const ref = 'refs/heads/agentswarm-doctor';
  const pushed = await git('push', '--dry-run', '--no-verify', '--quiet', remote, `HEAD:${ref}`);
  if (pushed.kind === 'exited' && pushed.exitCode === 0) return ok('remote', `${remote} accepts pushes`);
  const head = await git('rev-parse', '--verify', '--quiet', 'HEAD');
  if (head.kind === 'exited' && head.exitCode !== 0) {
    return warn('remote', 'the repository has no commit yet', 'make a first commit');
  }
  const problem = pushed.kind === 'exited' ? withoutCredentials(complaintOf(pushed.stderr)) : pushed.problem;
  return fail(
    'remote',
    `${remote} does not accept pushes: ${problem}`,
    'check its address and your access; GIT_TOKEN may hold a token',
  );
}

/** Addresses of remotes may carry credentials. */
function withoutCredentials(text: string): string {
  return text.replace(/\/\/[^/@\s]+@/g, '//***@');
}
