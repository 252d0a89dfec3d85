import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { repositoryRoot, runTool } from '../../scripts/checks/run-tool.ts';

/** A small repository made for one check, removed with `await using`. */
export interface ToyRepository extends AsyncDisposable {
  readonly root: string;
}

/** Contents by path; an object is written as JSON. */
export type ToyFiles = Readonly<Record<string, string | object>>;

/** Writes the files and lets them use this repository's installed tools and types. */
export async function createToyRepository(files: ToyFiles): Promise<ToyRepository> {
  const root = await mkdtemp(join(tmpdir(), 'agentswarm-toy-'));
  for (const [path, content] of Object.entries(files)) await writeToyFile(root, path, content);
  return { root, [Symbol.asyncDispose]: () => rm(root, { recursive: true }) };
}

/** Adds or replaces one file. */
export async function writeToyFile(root: string, path: string, content: string | object): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  const text = typeof content === 'string' ? content : JSON.stringify(content, null, 2) + '\n';
  await writeFile(join(root, path), text);
}

/** Makes the installed dependencies of this repository visible to the toy. */
export async function linkDependencies(root: string): Promise<void> {
  await symlink(join(repositoryRoot, 'node_modules'), join(root, 'node_modules'));
}

/** Turns the toy into a git repository whose files are all tracked. */
export async function trackFiles(root: string): Promise<void> {
  for (const command of [
    ['git', 'init', '--quiet'],
    ['git', 'add', '--all'],
  ]) {
    const { exitCode, output } = await runTool(command, { cwd: root });
    if (exitCode !== 0) throw new Error(output);
  }
}

/** The compiler settings of this repository, for the sources of a toy. */
export const toyTsconfig = {
  extends: join(repositoryRoot, 'tsconfig.base.json'),
  include: ['packages/*/src', 'packages/*/test', 'tests'],
};
