import { existsSync } from 'node:fs';
import { mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { CommitSha } from '@agentswarm/core';
import { SandboxError } from '../errors.ts';
import { runHelper, type HelperRequest, type HelperResult } from '../spawn.ts';
import { writeRepository } from './new-repository.ts';

/** The dependency layer, and what tools leave in a work tree by merely running: side effects, not work. */
const NEVER_COMMITTED = [
  '/node_modules',
  '__pycache__/',
  '*.py[co]',
  '.pytest_cache/',
  '.mypy_cache/',
  '.ruff_cache/',
  '.DS_Store',
];

const GIT_TIMEOUT_MS = 120_000;
const MAX_ALTERNATES_DEPTH = 5;

/** Settings under which git runs nothing that a repository brings along. */
const HARDENED = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.untrackedCache=false',
  'submodule.recurse=false',
  'fetch.recurseSubmodules=false',
  'transfer.fsckObjects=true',
  'protocol.allow=never',
  'protocol.file.allow=always',
  'gc.auto=0',
  'maintenance.auto=false',
  'receive.autogc=false',
  'safe.directory=*',
].flatMap((setting) => ['-c', setting]);

/** How git is run on the host, always for the same reasons the same way. */
export interface HostGit {
  /** Runs git; a failure is a value. */
  try(args: readonly string[], options?: Omit<HelperRequest, 'env'>): Promise<HelperResult>;
  /** @throws {SandboxError} SANDBOX_SETUP_FAILED */
  run(args: readonly string[], options?: Omit<HelperRequest, 'env'>): Promise<string>;
}

/** Starts a program of the host under other circumstances, without changing what it does. */
export type HostWrap = (command: HostCommand) => HostCommand;

interface HostCommand {
  readonly file: string;
  readonly args: readonly string[];
}

export function createHostGit(path: string, wrap: HostWrap = (command) => command): HostGit {
  const env = {
    PATH: path === '' ? '/usr/local/bin:/usr/bin:/bin' : path,
    HOME: '/nonexistent',
    LC_ALL: 'C',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_LAZY_FETCH: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_DEFAULT_REF_FORMAT: 'files',
  };
  const tryGit: HostGit['try'] = (args, options = {}) => {
    const { file, args: wrapped } = wrap({ file: 'git', args: [...HARDENED, ...args] });
    return runHelper(file, wrapped, { cwd: '/', timeoutMs: GIT_TIMEOUT_MS, ...options, env });
  };
  return {
    try: tryGit,
    run: async (args, options) => {
      const result = await tryGit(args, options);
      if (result.ok) return result.stdout;
      throw new SandboxError(
        'SANDBOX_SETUP_FAILED',
        `git ${args[0] === '-C' ? args[2] : args[0]} failed: ${result.failure}`,
        {
          details: { command: ['git', ...args] },
        },
      );
    },
  };
}

/** What a checkout needs to know of the repository it borrows from. */
export interface ObjectSource {
  /** Object directories on the host: the repository's own, then those it borrows from itself. */
  readonly objects: readonly string[];
  readonly format: 'sha1' | 'sha256';
  /** Text of the list of commits without history, when there is one. */
  readonly shallow?: string;
}

export async function readObjectSource(git: HostGit, repository: string): Promise<ObjectSource> {
  const answer = await git.run([
    ...['-C', repository, 'rev-parse', '--show-object-format'],
    ...['--git-path', 'objects', '--git-path', 'shallow'],
  ]);
  const [format, objects = '', shallow = ''] = answer.split('\n');
  const shallowFile = resolve(repository, shallow);
  return {
    objects: await listObjectFolders(resolve(repository, objects), 0),
    format: format === 'sha256' ? 'sha256' : 'sha1',
    ...(existsSync(shallowFile) ? { shallow: await readFile(shallowFile, 'utf8') } : {}),
  };
}

async function listObjectFolders(objects: string, depth: number): Promise<string[]> {
  const own = await realpath(objects);
  const list = join(own, 'info', 'alternates');
  if (depth >= MAX_ALTERNATES_DEPTH || !existsSync(list)) return [own];
  const lines = (await readFile(list, 'utf8'))
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const further = await Promise.all(
    lines
      .map((line) => (isAbsolute(line) ? line : resolve(own, line)))
      .filter((folder) => existsSync(folder))
      .map((folder) => listObjectFolders(folder, depth + 1)),
  );
  return [...new Set([own, ...further.flat()])];
}

export interface CheckoutRequest {
  readonly source: ObjectSource;
  readonly folder: string;
  readonly commit: CommitSha;
  /** On which the commit is checked out; none, and it stands alone. */
  readonly branch?: string;
  readonly signal?: AbortSignal;
}

/** Makes a work tree of a commit, without copying the objects of its history. */
export async function checkOut(git: HostGit, request: CheckoutRequest): Promise<void> {
  const { folder, branch, commit, source, signal } = request;
  const gitFolder = join(folder, '.git');
  const head = branch === undefined ? commit : `ref: refs/heads/${branch}`;
  await writeRepository(git, { folder: gitFolder, kind: 'checkout', head, source });
  await writeAlternates(gitFolder, source.objects);
  await mkdir(join(gitFolder, 'info'), { recursive: true });
  await writeFile(join(gitFolder, 'info', 'exclude'), `${NEVER_COMMITTED.join('\n')}\n`);
  await bringTo(git, folder, { commit, ...(signal === undefined ? {} : { signal }) });
}

/** Makes a work tree and its index those of a commit, and its branch too. */
export async function bringTo(
  git: HostGit,
  folder: string,
  { commit, signal }: { readonly commit: CommitSha; readonly signal?: AbortSignal },
): Promise<void> {
  const aborted = signal === undefined ? {} : { signal };
  await git.run(['-C', folder, 'reset', '-q', '--hard', commit], aborted);
}

/** Brings a checkout that nobody changed from one commit to another, looking only at what differs. */
export async function moveBetween(
  git: HostGit,
  folder: string,
  move: { readonly from: CommitSha; readonly to: CommitSha; readonly signal?: AbortSignal },
): Promise<void> {
  const aborted = move.signal === undefined ? {} : { signal: move.signal };
  await git.run(['-C', folder, 'read-tree', '-m', '-u', move.from, move.to], aborted);
}

/** Puts a branch at a commit in front of a checkout, in the folder of changes to it. */
export async function startBranch(folder: string, branch: string, commit: CommitSha): Promise<void> {
  const ref = join(folder, '.git', 'refs', 'heads', branch);
  await mkdir(dirname(ref), { recursive: true });
  await writeFile(ref, `${commit}\n`);
  await writeFile(join(folder, '.git', 'HEAD'), `ref: refs/heads/${branch}\n`);
}

/** Makes the bare repository that a sandbox pushes to. */
export async function createIntake(git: HostGit, folder: string, source: ObjectSource): Promise<void> {
  await writeRepository(git, { folder, kind: 'intake', head: 'ref: refs/heads/main', source });
}

/** Names the object directories a repository borrows from; `paths` as its readers see them. */
export async function writeAlternates(gitFolder: string, paths: readonly string[]): Promise<void> {
  await mkdir(join(gitFolder, 'objects', 'info'), { recursive: true });
  await writeFile(
    join(gitFolder, 'objects', 'info', 'alternates'),
    paths.map((path) => `${path}\n`).join(''),
  );
}
