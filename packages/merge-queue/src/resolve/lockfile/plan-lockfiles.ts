import { dirname, join } from 'node:path/posix';
import type { CommitSha } from '@agentswarm/core';
import { readBlob } from '@agentswarm/git';
import type { ResolutionRequest } from '../conflict-resolver.ts';
import { mergeModes, readText, textOf } from '../resolve-texts.ts';
import { isManifest, lockfileKindOf, type LockfileKind } from './lockfile-kinds.ts';

/** One lockfile to regenerate. */
export interface LockfileJob {
  readonly path: string;
  readonly kind: LockfileKind;
  readonly mode: string;
  /** Where regenerating starts, so that as many pins as possible stay. */
  readonly ours: string;
  /** Present when the lockfile conflicts; then what of these is lost is told. */
  readonly sides?: { readonly base: string; readonly theirs: string };
  /** What the tree has already when the lockfile merged cleanly. */
  readonly unchanged?: CommitSha;
}

/** The most a lockfile may have, before and after. */
export const MAX_LOCKFILE_BYTES = 10 * 1024 * 1024;

/** Finds the lockfiles that can be regenerated: none while it is undecided what they are to pin. */
export async function planLockfiles(request: ResolutionRequest): Promise<readonly LockfileJob[]> {
  if (request.conflicts.some(({ path }) => isManifest(path))) return [];
  const paths = new Set([...request.conflicts.map(({ path }) => path), ...request.changedByBoth]);
  const jobs: LockfileJob[] = [];
  for (const path of [...paths].toSorted()) {
    const kind = lockfileKindOf(path);
    const job = kind === undefined ? undefined : await planLockfile(request, path, kind);
    if (job !== undefined) jobs.push(job);
  }
  return jobs;
}

async function planLockfile(
  request: ResolutionRequest,
  path: string,
  kind: LockfileKind,
): Promise<LockfileJob | undefined> {
  const manifest = await request.versionAt(join(dirname(path), kind.manifests[0]));
  const ours = await readOurs(request, path);
  if (manifest === undefined || ours === undefined || kind.recognize?.test(ours) === false) return undefined;
  const conflict = request.conflicts.find((each) => each.path === path);
  if (conflict === undefined) {
    const merged = await request.versionAt(path);
    if (merged?.mode.startsWith('100') !== true) return undefined;
    return { path, kind, ours, mode: merged.mode, unchanged: merged.object };
  }
  const [base = '', theirs] = [
    await readText(request, conflict.base, MAX_LOCKFILE_BYTES),
    await readText(request, conflict.theirs, MAX_LOCKFILE_BYTES),
  ];
  const mode = mergeModes(conflict);
  if (mode === undefined || theirs === undefined) return undefined;
  return { path, kind, ours, mode, sides: { base, theirs } };
}

async function readOurs(request: ResolutionRequest, path: string): Promise<string | undefined> {
  const { repository, signal, ours: commit } = request;
  const content = await readBlob({ repository, signal, commit, path, maxBytes: MAX_LOCKFILE_BYTES });
  return content === undefined ? undefined : textOf(content);
}
