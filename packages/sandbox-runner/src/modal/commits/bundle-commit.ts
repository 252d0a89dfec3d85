import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommitSha } from '@agentswarm/core';
import { writeAlternates, type ObjectSource } from '../../commits/git-checkout.ts';
import type { HostGit } from '../../commits/host-git.ts';

/** The only ref of a bundle. */
export const BUNDLE_REF = 'refs/heads/base';

/** Writes a commit with its history into one file; `folder` is empty, and the caller's to remove. */
export async function bundleCommit(
  git: HostGit,
  {
    folder,
    source,
    commit,
  }: { readonly folder: string; readonly source: ObjectSource; readonly commit: CommitSha },
): Promise<string> {
  const repository = join(folder, 'bundle.git');
  const file = join(folder, 'bundle');
  await git.run(['init', '-q', '--bare', '--template=', `--object-format=${source.format}`, repository]);
  await writeAlternates(repository, source.objects);
  if (source.shallow !== undefined) await writeFile(join(repository, 'shallow'), source.shallow);
  await git.run(['-C', repository, 'update-ref', BUNDLE_REF, commit]);
  await git.run(['-C', repository, 'bundle', 'create', '-q', file, BUNDLE_REF]);
  return file;
}
