import { randomUUID } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BranchNameSchema, type BranchName, type CommitSha } from '@agentswarm/core';
import { cloneShared, deleteRef, fetchCommits, updateRef } from '@agentswarm/git';
import { CliError } from '../errors.ts';

/** A commit of the store that is to be given back. */
export interface Restoration {
  readonly store: string;
  readonly commit: CommitSha;
  /** Ref of the store that keeps it. */
  readonly ref: string;
}

/**
 * Makes a new branch at a commit of the store, in a repository of the person's. Runs no hook.
 *
 * @throws {CliError} CLI_RESTORE_EXISTS when there is such a branch; CLI_USAGE when it is no name for one.
 */
export async function restoreBranch(
  work: Restoration,
  repository: string,
  name: string,
): Promise<BranchName> {
  const branch = parseBranch(name);
  const destination = `refs/agentswarm/restored/${randomUUID()}`;
  const refs = [{ source: work.ref, destination, expected: work.commit }];
  await fetchCommits({ repository, from: work.store, refs });
  try {
    const made = await updateRef({ repository, ref: `refs/heads/${branch}`, old: null, new: work.commit });
    if (made.kind === 'updated') return branch;
    throw new CliError('CLI_RESTORE_EXISTS', `${repository} has a branch ${branch} already`);
  } finally {
    await deleteRef({ repository, ref: destination, old: work.commit });
  }
}

function parseBranch(name: string): BranchName {
  const branch = BranchNameSchema.safeParse(name);
  if (branch.success && !name.startsWith('-')) return branch.data;
  throw new CliError('CLI_USAGE', `--branch must be a name git gives a branch, not "${name}"`);
}

/**
 * Writes the files of a commit to a new folder, whole or not at all. No filter of anybody runs.
 *
 * @throws {CliError} CLI_RESTORE_EXISTS when there is something of that name.
 */
export async function restoreFolder(work: Restoration, directory: string): Promise<void> {
  refuseExisting(directory);
  const staging = `${directory}.restoring-${randomUUID()}`;
  const identity = { name: 'AgentSwarm', email: 'agentswarm@agentswarm.invalid' };
  const branch = BranchNameSchema.parse('restored');
  try {
    await cloneShared({ store: work.store, commit: work.commit, branch, directory: staging, identity });
    await rm(join(staging, '.git'), { recursive: true });
    refuseExisting(directory);
    await rename(staging, directory);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

function refuseExisting(directory: string): void {
  if (lstatSync(directory, { throwIfNoEntry: false }) === undefined) return;
  throw new CliError('CLI_RESTORE_EXISTS', `${directory} exists already`, { details: { directory } });
}
