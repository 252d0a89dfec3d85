import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { GitError } from './errors.ts';

/** A git directory that shows a repository's objects and refs, and nothing else of it. */
export interface NeutralView extends Disposable {
  readonly gitDir: string;
}

/**
 * Opens a temporary git directory of our own that links to the objects and refs of a repository.
 *
 * Git reads hooks, filters, merge drivers, diff programs, promisor remotes and attributes from the git
 * directory it is given. Through a view it finds none of them, so running git on a repository that
 * somebody else can write to executes nothing of theirs, whatever they invent.
 *
 * Synchronous on purpose: a dozen tiny file operations cost less than as many turns of the event loop.
 */
export function openNeutralView(repository: string): NeutralView {
  const source = commonGitDir(repository);
  const format = objectFormat(source);
  const gitDir = mkdtempSync(join(tmpdir(), 'agentswarm-view-'));
  const close = () => rmSync(gitDir, { recursive: true, force: true });
  try {
    fillView(gitDir, source, format);
  } catch (error) {
    close();
    throw new GitError('GIT_NOT_A_REPOSITORY', `not a git repository: ${repository}`, { cause: error });
  }
  return { gitDir, [Symbol.dispose]: close };
}

function fillView(gitDir: string, source: string, format: 'sha1' | 'sha256'): void {
  const config = [
    '[core]',
    '\tbare = true',
    `\trepositoryformatversion = ${format === 'sha1' ? 0 : 1}`,
    ...(format === 'sha1' ? [] : ['[extensions]', '\tobjectFormat = sha256']),
    // Whoever may read the view may read every object in it.
    '[uploadpack]',
    '\tallowAnySHA1InWant = true',
    '',
  ].join('\n');
  writeFileSync(join(gitDir, 'config'), config);
  writeFileSync(join(gitDir, 'HEAD'), 'ref: refs/heads/none\n');
  mkdirSync(join(gitDir, 'info'));
  for (const name of ['objects', 'refs']) {
    statSync(join(source, name));
    symlinkSync(join(source, name), join(gitDir, name));
  }
  // Also when there are none yet: somebody may pack refs while the view is open.
  symlinkSync(join(source, 'packed-refs'), join(gitDir, 'packed-refs'));
  if (exists(join(source, 'shallow'))) symlinkSync(join(source, 'shallow'), join(gitDir, 'shallow'));
}

/** The directory with objects and refs of a bare repository, a work tree or a linked work tree. */
export function commonGitDir(repository: string): string {
  const dotGit = join(resolve(repository), '.git');
  const found = statSync(dotGit, { throwIfNoEntry: false });
  if (found === undefined) return resolve(repository);
  if (found.isDirectory()) return dotGit;
  const link = readFileSync(dotGit, 'utf8');
  const gitDir = resolve(repository, link.replace(/^gitdir: /, '').trim());
  const common = join(gitDir, 'commondir');
  return exists(common) ? resolve(gitDir, readFileSync(common, 'utf8').trim()) : gitDir;
}

/** Read as text, because asking git would mean reading the configuration we must not trust. */
export function objectFormat(gitDir: string): 'sha1' | 'sha256' {
  const file = join(gitDir, 'config');
  const config = exists(file) ? readFileSync(file, 'utf8') : '';
  if (/^\s*refstorage\s*=\s*reftable/im.test(config)) {
    throw new GitError('GIT_UNSUPPORTED', `repository stores refs as reftable: ${gitDir}`);
  }
  return /^\s*objectformat\s*=\s*sha256/im.test(config) ? 'sha256' : 'sha1';
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
