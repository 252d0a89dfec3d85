import { isUtf8 } from 'node:buffer';
import type { CommitSha } from '@agentswarm/core';
import { GitError, type BlobVersion, type PathConflict } from '@agentswarm/git';
import type { Resolution, ResolutionRequest } from './conflict-resolver.ts';

/** The texts of a conflicted path. */
export interface TextSides {
  /** Absent when both sides made the file. */
  readonly base?: string;
  readonly ours: string;
  readonly theirs: string;
}

/** What a path shall hold, and what of its sides is not in it. */
export interface TextDecision {
  readonly text: string;
  readonly dropped: readonly string[];
}

export interface TextPolicy {
  takes(path: string): boolean;
  /** Undefined declines. */
  decide(sides: TextSides, path: string): TextDecision | undefined;
}

/** More than this is data, and comparing it is no longer a matter of milliseconds. */
const MAX_TEXT_BYTES = 2 * 1024 * 1024;
const FILE_MODES: ReadonlySet<string> = new Set(['100644', '100755']);

/** Decides text files one by one; declines links, submodules, binaries, big files and files a side lacks. */
export async function resolveTexts(
  request: ResolutionRequest,
  policy: TextPolicy,
): Promise<readonly Resolution[]> {
  const resolutions: Resolution[] = [];
  for (const conflict of request.conflicts) {
    request.signal.throwIfAborted();
    if (!policy.takes(conflict.path)) continue;
    const mode = mergeModes(conflict);
    const sides = await readSides(request, conflict);
    if (mode === undefined || sides === undefined) continue;
    const decision = policy.decide(sides, conflict.path);
    if (decision === undefined) continue;
    const object = await request.writeBlob(decision.text);
    resolutions.push({ path: conflict.path, version: { mode, object }, dropped: decision.dropped });
  }
  return resolutions;
}

/** The mode a file gets; undefined when a version is no file or both sides changed its mode differently. */
export function mergeModes({ base, ours, theirs }: PathConflict): string | undefined {
  if (![base, ours, theirs].every((version) => version === undefined || FILE_MODES.has(version.mode))) {
    return undefined;
  }
  if (ours === undefined || theirs === undefined) return (ours ?? theirs)?.mode;
  if (ours.mode === theirs.mode || theirs.mode === base?.mode) return ours.mode;
  return ours.mode === base?.mode ? theirs.mode : undefined;
}

async function readSides(request: ResolutionRequest, conflict: PathConflict): Promise<TextSides | undefined> {
  if (conflict.ours === undefined || conflict.theirs === undefined) return undefined;
  const [base, ours, theirs] = await Promise.all(
    [conflict.base, conflict.ours, conflict.theirs].map((version) => readText(request, version)),
  );
  if (ours === undefined || theirs === undefined) return undefined;
  if (conflict.base === undefined) return { ours, theirs };
  return base === undefined ? undefined : { base, ours, theirs };
}

/** Text of a version; undefined when there is none, it is no text or it is too big. */
export async function readText(
  request: ResolutionRequest,
  version: BlobVersion | undefined,
  maxBytes = MAX_TEXT_BYTES,
): Promise<string | undefined> {
  if (version === undefined || !FILE_MODES.has(version.mode)) return undefined;
  const content = await readSmallBlob(request, version.object, maxBytes);
  return content === undefined ? undefined : textOf(content);
}

async function readSmallBlob(
  request: ResolutionRequest,
  object: CommitSha,
  maxBytes: number,
): Promise<Buffer | undefined> {
  try {
    const content = await request.readBlob(object);
    return content.length > maxBytes ? undefined : content;
  } catch (error) {
    if (error instanceof GitError && error.code === 'GIT_OUTPUT_TOO_LARGE') return undefined;
    throw error;
  }
}

/** The text of bytes; undefined for what git would call binary and for other encodings. */
export function textOf(content: Uint8Array): string | undefined {
  return isUtf8(content) && !content.includes(0) ? Buffer.from(content).toString('utf8') : undefined;
}
