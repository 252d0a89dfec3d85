import { existsSync } from 'node:fs';
import { mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { CommitSha } from '@agentswarm/core';
import type { HostGit } from './host-git.ts';
import { NEVER_COMMITTED } from './sandbox-git.ts';
import { writeRepository } from './new-repository.ts';

const MAX_ALTERNATES_DEPTH = 5;

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
