import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommitSha, Sandbox, SandboxSpec } from '@agentswarm/core';
import { SandboxError } from '../../errors.ts';
import { readObjectSource } from '../../commits/git-checkout.ts';
import type { HostGit } from '../../commits/host-git.ts';
import { collectFromIntake } from '../../commits/intake.ts';
import { removeTree } from '../../transfer/remove-tree.ts';
import { REMOTE_PATHS } from '../files/remote-places.ts';

export interface CollectRemoteRequest {
  /** What the sandbox started from. */
  readonly source: NonNullable<SandboxSpec['source']>;
  readonly repository: string;
  readonly ref: string;
}

/**
 * Imports what a remote sandbox pushed: its intake comes as plain files, and is judged as a local one is.
 *
 * @throws {SandboxError} COMMITS_INVALID
 */
export async function collectRemote(
  context: { readonly git: HostGit; readonly files: Pick<Sandbox, 'download'> },
  { source, repository, ref }: CollectRemoteRequest,
): Promise<CommitSha | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'agentswarm-intake-'));
  try {
    const intake = join(folder, 'intake');
    await context.files.download(REMOTE_PATHS.intake, intake).catch((error: unknown) => {
      if (!(error instanceof SandboxError) || error.code !== 'SANDBOX_TRANSFER_REFUSED') throw error;
      throw new SandboxError('COMMITS_INVALID', `the intake was refused: ${error.message}`, { cause: error });
    });
    return await collectFromIntake(context.git, {
      intake,
      branch: source.branch,
      source: await readObjectSource(context.git, source.repository),
      quarantine: join(folder, 'quarantine'),
      repository,
      ref,
    });
  } finally {
    await removeTree(folder);
  }
}
