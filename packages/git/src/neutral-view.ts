import { mkdtemp, mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { GitError } from './errors.ts';

/** A git directory that shows a repository's objects and refs, and nothing else of it. */
export interface NeutralView extends AsyncDisposable {
  readonly gitDir: string;
}

const SHOWN = ['objects', 'refs', 'packed-refs', 'shallow'] as const;

/**
 * Opens a temporary git directory of our own that links to the objects and refs of a repository.
 *
 * Git reads hooks, filters, merge drivers, diff programs, promisor remotes and attributes from the git
 * directory it is given. Through a view it finds none of them, so running git on a repository that
 * somebody else can write to executes nothing of theirs, whatever they invent.
 */
export async function openNeutralView(repository: string): Promise<NeutralView> {
  const source = await commonGitDir(repository);
  const format = await objectFormat(source);
  const gitDir = await mkdtemp(join(tmpdir(), 'agentswarm-view-'));
  const close = () => rm(gitDir, { recursive: true, force: true });
  try {
    await fillView(gitDir, source, format);
  } catch (error) {
    await close();
    throw new GitError('GIT_NOT_A_REPOSITORY', `not a git repository: ${repository}`, { cause: error });
  }
  return { gitDir, [Symbol.asyncDispose]: close };
}

async function fillView(gitDir: string, source: string, format: 'sha1' | 'sha256'): Promise<void> {
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
  await writeFile(join(gitDir, 'config'), config);
  await writeFile(join(gitDir, 'HEAD'), 'ref: refs/heads/none\n');
  await mkdir(join(gitDir, 'info'));
  await Promise.all(
    SHOWN.map(async (name) => {
      const target = join(source, name);
      const required = name === 'objects' || name === 'refs';
      if (required || (await stat(target).catch(missing)) !== undefined) {
        await stat(target);
        await symlink(target, join(gitDir, name));
      }
    }),
  );
}

/** The directory with objects and refs of a bare repository, a work tree or a linked work tree. */
export async function commonGitDir(repository: string): Promise<string> {
  const dotGit = join(resolve(repository), '.git');
  const found = await stat(dotGit).catch(missing);
  if (found === undefined) return resolve(repository);
  if (found.isDirectory()) return dotGit;
  const link = await readFile(dotGit, 'utf8');
  const gitDir = resolve(repository, link.replace(/^gitdir: /, '').trim());
  const common = await readFile(join(gitDir, 'commondir'), 'utf8').catch(missing);
  return common === undefined ? gitDir : resolve(gitDir, common.trim());
}

/** Read as text, because asking git would mean reading the configuration we must not trust. */
async function objectFormat(gitDir: string): Promise<'sha1' | 'sha256'> {
  const config = (await readFile(join(gitDir, 'config'), 'utf8').catch(missing)) ?? '';
  if (/^\s*refstorage\s*=\s*reftable/im.test(config)) {
    throw new GitError('GIT_UNSUPPORTED', `repository stores refs as reftable: ${gitDir}`);
  }
  return /^\s*objectformat\s*=\s*sha256/im.test(config) ? 'sha256' : 'sha1';
}

function missing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) {
    return undefined;
  }
  throw error;
}
