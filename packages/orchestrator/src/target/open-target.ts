import { isAbsolute, resolve } from 'node:path';
import {
  BranchNameSchema,
  InputError,
  parseFeatureList,
  type BranchName,
  type CommitSha,
  type Feature,
  type RunState,
  type SwarmConfig,
} from '@agentswarm/core';
import { createTaskGraph, GraphError } from '@agentswarm/dag-engine';
import {
  configuredRemote,
  displayRemote,
  GitError,
  hasUncommittedChanges,
  readBlob,
  remoteTip,
  resolveRef,
  type ConfiguredRemote,
  type RemoteCredential,
} from '@agentswarm/git';
import { OrchestratorError } from '../errors.ts';
import { deriveGateCommands } from './gate-commands.ts';
import { prepareLandingRepository, prepareStore } from './prepare-repositories.ts';
import { locateTarget, type TargetLocation } from './locate-target.ts';
import type { StateFolder } from './state-folder.ts';
import type { Target } from './target.ts';

export interface OpenTargetOptions {
  /** Absolute path of the repository's top level. */
  readonly path: string;
  readonly config: SwarmConfig;
  /** Of the run that is resumed: main may be ahead of the local branch by its landings. */
  readonly resumed?: RunState;
  readonly signal?: AbortSignal;
}

/**
 * Checks a target repository and prepares the store in which its merges are composed. The work tree
 * is never written.
 *
 * @throws {OrchestratorError} TARGET_… saying what is missing or differs; {@link InputError}
 * FEATURES_INVALID naming each bad entry.
 */
export async function openTarget(options: OpenTargetOptions): Promise<Target> {
  const { config, resumed } = options;
  const location = await locateTarget(options.path);
  const { root, isBare, state } = location;
  const mainBranch = BranchNameSchema.parse(config.gitMainBranch);
  const local = await readLocalMain(root, mainBranch);
  const place = await findRemote({ root, state, mainBranch, config });
  const tip = await prepareMain(options, { location, mainBranch, local, place });
  const base = resumed?.run?.target.base ?? tip;
  const { spec, features, manifest } = await readInputs(state, base);
  const notices = [...place.notices, ...(await findDirt(location))];
  return {
    path: root,
    isBare,
    mainBranch,
    remote: place.remote,
    displayRemote: displayRemote(place.remote),
    ...(place.credential ? { credential: place.credential } : {}),
    base,
    tip,
    state,
    spec,
    features,
    gate: resumed?.run?.gate ?? config.gate ?? deriveGateCommands(manifest),
    notices,
  };
}

/** Brings main and its history into the store and gives its tip. A new run wants local and remote equal. */
async function prepareMain(
  { resumed, signal }: OpenTargetOptions,
  where: {
    readonly location: TargetLocation;
    readonly mainBranch: BranchName;
    readonly local: CommitSha;
    readonly place: RemotePlace;
  },
): Promise<CommitSha> {
  const { location, mainBranch: branch, local, place } = where;
  const { remote, credential } = place;
  const access = {
    repository: location.root,
    remote,
    branch,
    ...(credential ? { credential } : {}),
    ...(signal ? { signal } : {}),
  };
  const tip = await readRemoteMain(access);
  if (resumed === undefined && tip !== local) throw diverged(branch, { local, remote, tip });
  await prepareStore({ ...access, store: location.state.store });
  return tip;
}

/** GIT_TOKEN before a login in the remote's address. The token is for https; others log in by their own means. */
function credentialOf(
  { gitToken }: SwarmConfig,
  { url, credential }: ConfiguredRemote,
): { credential?: RemoteCredential } {
  if (gitToken !== undefined && /^https:/i.test(url)) return { credential: { token: gitToken } };
  return credential ? { credential } : {};
}

async function findDirt({ root, isBare }: TargetLocation): Promise<string[]> {
  if (isBare || !(await hasUncommittedChanges({ workdir: root }))) return [];
  return ['the work tree has uncommitted changes; the swarm works from the last commit'];
}

async function readLocalMain(root: string, branch: BranchName): Promise<CommitSha> {
  const commit = await resolveRef({ repository: root, ref: `refs/heads/${branch}` });
  if (commit !== undefined) return commit;
  throw new OrchestratorError('TARGET_BRANCH_MISSING', `${root} has no branch "${branch}" with a commit`, {
    details: { path: root, branch },
  });
}

/** Where landings go, and how to log in there. */
interface RemotePlace {
  readonly remote: string;
  readonly credential?: RemoteCredential;
  readonly notices: readonly string[];
}

async function findRemote(where: {
  readonly root: string;
  readonly state: StateFolder;
  readonly mainBranch: BranchName;
  readonly config: SwarmConfig;
}): Promise<RemotePlace> {
  const { root, config, state } = where;
  const origin = await configuredRemote({ repository: root, name: 'origin' });
  const configured = config.gitRepoUrl === undefined ? origin : { url: config.gitRepoUrl };
  if (configured !== undefined) {
    const remote = absoluteRemote(root, configured.url);
    return { remote, ...credentialOf(config, { ...configured, url: remote }), notices: [] };
  }
  await prepareLandingRepository({ landing: state.landing, source: root, branch: where.mainBranch });
  const notice = `the repository has no remote "origin"; landings go to ${state.landing}`;
  return { remote: state.landing, notices: [notice] };
}

/** A relative path means relative to the repository, as git reads it in a remote's configuration. */
function absoluteRemote(root: string, remote: string): string {
  const isUrl = /^[a-z][a-z0-9+.-]*:\/\//i.test(remote) || /^[^/]+:/.test(remote);
  return isUrl || isAbsolute(remote) ? remote : resolve(root, remote);
}

async function readRemoteMain(access: Parameters<typeof remoteTip>[0]): Promise<CommitSha> {
  const { remote, branch } = access;
  const shown = displayRemote(remote);
  const tip = await remoteTip(access).catch((cause: unknown) => {
    if (!(cause instanceof GitError)) throw cause;
    throw new OrchestratorError(
      'TARGET_REMOTE_UNREACHABLE',
      `cannot read the remote ${shown}: ${cause.message}`,
      {
        cause,
        details: { remote: shown },
      },
    );
  });
  if (tip !== undefined) return tip;
  throw new OrchestratorError('TARGET_BRANCH_MISSING', `the remote ${shown} has no branch "${branch}"`, {
    details: { remote: shown, branch },
  });
}

function diverged(
  branch: BranchName,
  { local, remote, tip }: { readonly local: CommitSha; readonly remote: string; readonly tip: CommitSha },
): OrchestratorError {
  return new OrchestratorError(
    'TARGET_DIVERGED',
    `local ${branch} is ${local} but ${branch} of ${displayRemote(remote)} is ${tip}`,
    {
      details: { branch, local, remote: tip },
    },
  );
}

async function readInputs(state: StateFolder, commit: CommitSha) {
  const read = async (path: string) =>
    (await readBlob({ repository: state.store, commit, path }))?.toString('utf8');
  const [spec, features, manifest] = await Promise.all(
    ['SPEC.md', 'FEATURES.json', 'package.json'].map(read),
  );
  if (spec === undefined) throw missing('SPEC.md', commit);
  if (features === undefined) throw missing('FEATURES.json', commit);
  return { spec, features: readFeatures(features), manifest };
}

function readFeatures(text: string): readonly Feature[] {
  const { features } = parseFeatureList(text);
  try {
    createTaskGraph(features);
    return features;
  } catch (cause) {
    if (!(cause instanceof GraphError)) throw cause;
    throw new InputError('FEATURES_INVALID', `FEATURES.json, field dependsOn: ${cause.message}`, { cause });
  }
}

function missing(file: string, commit: CommitSha): OrchestratorError {
  return new OrchestratorError(
    'TARGET_FILE_MISSING',
    `there is no ${file} in commit ${commit.slice(0, 12)} of the target`,
    {
      details: { file, commit },
    },
  );
}
