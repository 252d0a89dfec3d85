import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The git that tests find, or another one, by its own words: `git version 2.39.5`. */
export async function versionOfGit(program = 'git'): Promise<string> {
  const { stdout } = await promisify(execFile)(program, ['version']);
  return stdout.trim();
}

/** A folder in which `git` is another git than the one on PATH; disposing removes it. */
export async function folderWithGit(program: string): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'agentswarm-git-'));
  const file = join(path, 'git');
  await writeFile(file, `#!/bin/sh\nexec '${program.replaceAll("'", String.raw`'\\''`)}' "$@"\n`);
  await chmod(file, 0o755);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}
