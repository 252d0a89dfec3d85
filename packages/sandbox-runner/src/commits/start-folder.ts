import { posix } from 'node:path';
import type { SandboxSpec } from '@agentswarm/core';
import { SandboxError } from '../errors.ts';
import type { HostGit } from './host-git.ts';

/** Asks the commit itself, where no link can lead elsewhere. @throws SANDBOX_SETUP_FAILED */
export async function requireWorkdir(
  git: HostGit,
  { repository, commit }: NonNullable<SandboxSpec['source']>,
  workdir: string | undefined,
): Promise<void> {
  if (workdir === undefined) return;
  const kind = await git.try(['-C', repository, 'cat-file', '-t', `${commit}:${workdir}`]);
  if (kind.stdout.trim() === 'tree') return;
  throw new SandboxError('SANDBOX_SETUP_FAILED', `the commit has no folder ${workdir}`, {
    details: { workdir, commit },
  });
}

/** Checks the form of a work directory within the checkout, and normalises it. @throws SANDBOX_SETUP_FAILED */
export function parseWorkdir({ workdir, source }: SandboxSpec): string | undefined {
  if (workdir === undefined) return undefined;
  const path = posix.normalize(workdir).replace(/\/$/, '');
  if (source !== undefined && !posix.isAbsolute(path) && path !== '..' && !path.startsWith('../'))
    return path;
  const why = source === undefined ? 'there is no checkout' : 'it leads out of the checkout';
  throw new SandboxError('SANDBOX_SETUP_FAILED', `commands cannot start in ${workdir}: ${why}`, {
    details: { workdir },
  });
}
