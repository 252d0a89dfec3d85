import { resolve } from 'node:path';
import { BranchNameSchema, type BranchName, type CommitSha } from '@agentswarm/core';
import {
  configuredRemote,
  findRepositoryRoot,
  isShallowRepository,
  listRefs,
  remoteBranches,
  remoteTip,
  resolveRef,
  type RefEntry,
  type RemoteCredential,
} from '@agentswarm/git';
import { stateFolderOf, type StateFolder } from '@agentswarm/orchestrator';
import { CliError } from '../errors.ts';
import type { RepositoryFlags } from './land-flags.ts';

/** Where branches come from and where they go. */
export interface LandRepository {
  readonly root: string;
  readonly isBare: boolean;
  readonly state: StateFolder;
  readonly target: BranchName;
  /** Address without a login, when the branches and the target are those of a remote. */
  readonly remote?: string;
  readonly credential?: RemoteCredential;
  /** Where the target is now. */
  readonly tip: CommitSha;
  /** Its branches as full refs. */
  readonly refs: readonly RefEntry[];
}

const DEFAULT_TARGET = 'main';

/**
 * Finds the repository, its target and its branches.
 *
 * @throws {CliError} `CLI_REPOSITORY`, `CLI_USAGE`; GitError when a remote cannot be reached.
 */
export async function openRepository(directory: string, flags: RepositoryFlags): Promise<LandRepository> {
  const path = resolve(directory, flags.repo ?? '.');
  const found = await findRepositoryRoot({ path });
  if (found.kind === 'none') {
    throw new CliError('CLI_REPOSITORY', `${path} is not a git repository`, { details: { path } });
  }
  const { root } = found;
  if (isShallowRepository(root)) {
    const message = `${root} is a shallow clone: what its branches are built on is missing`;
    throw new CliError('CLI_REPOSITORY', message, { details: { path: root } });
  }
  const isBare = found.kind === 'bare';
  const name = flags.target ?? DEFAULT_TARGET;
  const target = BranchNameSchema.safeParse(name);
  if (!target.success) throw new CliError('CLI_USAGE', `--target ${JSON.stringify(name)} is no branch name`);
  const source = flags.remote === undefined ? undefined : await remoteOf(root, flags.remote);
  const refs =
    source === undefined
      ? await listRefs({ repository: root, prefix: 'refs/heads/' })
      : await remoteBranches({ repository: root, ...source });
  const tip =
    source === undefined
      ? await resolveRef({ repository: root, ref: `refs/heads/${target.data}` })
      : await remoteTip({ repository: root, ...source, branch: target.data });
  if (tip === undefined) throw targetMissing(target.data, flags.remote ?? root);
  return { root, isBare, state: stateFolderOf({ root, isBare }), target: target.data, ...source, tip, refs };
}

async function remoteOf(
  repository: string,
  name: string,
): Promise<{ readonly remote: string; readonly credential?: RemoteCredential }> {
  const configured = await configuredRemote({ repository, name });
  if (configured === undefined) return { remote: name };
  const { url, credential } = configured;
  return { remote: url, ...(credential === undefined ? {} : { credential }) };
}

function targetMissing(target: string, where: string): CliError {
  return new CliError('CLI_REPOSITORY', `${where} has no branch ${target}`, { details: { target, where } });
}
