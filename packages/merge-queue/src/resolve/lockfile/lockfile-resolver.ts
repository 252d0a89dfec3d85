import { createHash } from 'node:crypto';
import { BranchNameSchema, type Sandbox, type SandboxBackend } from '@agentswarm/core';
import { commitTree, listTree } from '@agentswarm/git';
import type { ConflictResolver, Resolution, ResolutionRequest } from '../conflict-resolver.ts';
import { isManifest, lockfileKindOf } from './lockfile-kinds.ts';
import { planLockfiles, type LockfileJob } from './plan-lockfiles.ts';
import { regenerateLockfile } from './regenerate-lockfile.ts';

export interface LockfileResolverOptions {
  readonly backend: SandboxBackend;
  /** Label of the sandboxes, by which they are found again after a crash. */
  readonly run: string;
  /** Default `none`: then only what the lockfile or the tool's cache knows can be pinned. */
  readonly network?: 'none' | 'registries' | 'open';
  /** Of each command. Default 120 000. */
  readonly timeoutMs?: number;
}

const AUTHOR = { name: 'Merge queue', email: 'merge-queue@localhost' };
/** Always the same, so that the same merge gives the same commit. */
const DATE_MS = Date.UTC(2000, 0, 1);
const DEFAULT_TIMEOUT_MS = 120_000;

/**
 * Regenerates lockfiles from the merged manifests with the tool that wrote them, in a sandbox and without
 * scripts, starting from ours. Answers for those that merged cleanly too: two correct lockfiles merge into
 * one that pins things no manifest asks for. Declines while a manifest is undecided or the tool is missing.
 */
export function lockfileResolver(options: LockfileResolverOptions): ConflictResolver {
  return {
    name: 'lockfile',
    cost: 'aside',
    watches: (path) => lockfileKindOf(path) !== undefined,
    contextOf: digestManifests,
    resolve: async (request) => {
      const jobs = await planLockfiles(request);
      return jobs.length === 0 ? [] : regenerate(options, request, jobs);
    },
  };
}

async function regenerate(
  options: LockfileResolverOptions,
  request: ResolutionRequest,
  jobs: readonly LockfileJob[],
): Promise<readonly Resolution[]> {
  const { network = 'none', timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  await using sandbox = await openSandbox(options, request);
  const resolutions: Resolution[] = [];
  for (const job of jobs) {
    const regenerated = await regenerateLockfile(sandbox, job, {
      network,
      timeoutMs,
      signal: request.signal,
    });
    if (regenerated === undefined) continue;
    const object = await request.writeBlob(regenerated.text);
    if (object === job.unchanged) continue;
    resolutions.push({
      path: job.path,
      version: { mode: job.mode, object },
      dropped: regenerated.dropped,
    });
  }
  return resolutions;
}

/** The commit exists only so that a sandbox can check it out; no ref names it. */
async function openSandbox(options: LockfileResolverOptions, request: ResolutionRequest): Promise<Sandbox> {
  const { repository, signal, tree } = request;
  const commit = await commitTree({
    repository,
    signal,
    tree,
    parents: [request.ours],
    message: 'Merged tree, for regenerating its lockfiles\n',
    author: AUTHOR,
    dateMs: DATE_MS,
  });
  const branch = BranchNameSchema.parse(`lockfile/${commit.slice(0, 12)}`);
  const { backend, run, network = 'none' } = options;
  return await backend.create(
    { labels: { run, purpose: 'dependencies' }, source: { repository, commit, branch }, network },
    { signal },
  );
}

/** All manifests of the tree: members of a workspace can be anywhere below a lockfile. */
async function digestManifests({ repository, tree, signal }: ResolutionRequest): Promise<string> {
  const hash = createHash('sha256');
  for (const { path, mode, object } of await listTree({ repository, commit: tree, signal })) {
    if (isManifest(path)) hash.update(`${mode} ${object} ${path}\0`);
  }
  return hash.digest('hex');
}
