import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HostGit } from './host-git.ts';
import { removeTree } from '../transfer/remove-tree.ts';

/** What a repository has in common with the one it borrows from. */
interface RepositoryForm {
  readonly format: 'sha1' | 'sha256';
  /** Text of the list of commits without history. */
  readonly shallow?: string;
}

export interface RepositoryRequest {
  /** The repository itself: `.git` of a checkout. */
  readonly folder: string;
  readonly kind: 'checkout' | 'intake';
  /** Content of HEAD. */
  readonly head: string;
  readonly source: RepositoryForm;
}

/** A sandbox lives shorter than it takes to need this, and its intake is read while it works. */
const INTAKE_CONFIG = '[gc]\n\tauto = 0\n[receive]\n\tautogc = false\n';

/** Writes an empty repository as `git init` would, without starting git once more for each. */
export async function writeRepository(git: HostGit, request: RepositoryRequest): Promise<void> {
  const { folder, kind, head, source } = request;
  const config = await configOf(git, kind, source.format);
  for (const name of ['objects/info', 'refs/heads']) await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, 'config'), kind === 'intake' ? config + INTAKE_CONFIG : config);
  if (source.shallow !== undefined) await writeFile(join(folder, 'shallow'), source.shallow);
  await writeFile(join(folder, 'HEAD'), `${head}\n`);
}

/** By git, then by kind and format of a repository. */
const configs = new WeakMap<HostGit, Map<string, Promise<string>>>();

/** What this git, on this machine, writes into the configuration of a new repository. */
function configOf(
  git: HostGit,
  kind: RepositoryRequest['kind'],
  format: RepositoryForm['format'],
): Promise<string> {
  const known = configs.get(git) ?? new Map<string, Promise<string>>();
  configs.set(git, known);
  const key = `${kind} ${format}`;
  const config =
    known.get(key) ??
    askGit(git, kind, format).catch((error: unknown) => {
      // A failure is no answer: the next one asks again.
      known.delete(key);
      throw error;
    });
  known.set(key, config);
  return config;
}

async function askGit(
  git: HostGit,
  kind: RepositoryRequest['kind'],
  format: RepositoryForm['format'],
): Promise<string> {
  const trial = await mkdtemp(join(tmpdir(), 'agentswarm-init-'));
  try {
    const bare = kind === 'intake' ? ['--bare'] : [];
    await git.run(['init', '-q', '--template=', `--object-format=${format}`, ...bare, trial]);
    return await readFile(join(trial, kind === 'intake' ? 'config' : '.git/config'), 'utf8');
  } finally {
    await removeTree(trial);
  }
}
