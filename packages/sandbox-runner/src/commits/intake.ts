import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CommitShaSchema, isSwarmError, toSwarmError, type CommitSha } from '@agentswarm/core';
import { fetchCommits } from '@agentswarm/git';
import { SandboxError } from '../errors.ts';
import { writeAlternates, type ObjectSource } from './git-checkout.ts';
import type { HostGit } from './host-git.ts';
import { copyIntakeObjects } from './intake-objects.ts';
import { requireBoundedObjects } from './object-bounds.ts';
import { readInside } from '../transfer/safe-file.ts';
import { requireBoundedTree } from './tree-bounds.ts';

const MAX_REF_BYTES = 1024;
const MAX_PACKED_REFS_BYTES = 1024 * 1024;

export interface CollectRequest {
  /** The sandbox's bare repository: everything in it may be hostile. */
  readonly intake: string;
  readonly branch: string;
  readonly source: ObjectSource;
  /** An empty place on the host, outside the sandbox; removed afterwards. */
  readonly quarantine: string;
  /** Repository that takes the commits. */
  readonly repository: string;
  readonly ref: string;
}

/**
 * Imports what a sandbox pushed. git never runs in the intake: its ref is read as text, its objects
 * are copied by name into a fresh repository, and from there a checking fetch brings them over.
 *
 * @throws {SandboxError} COMMITS_INVALID when anything about them is not as it must be.
 */
export async function collectFromIntake(
  git: HostGit,
  request: CollectRequest,
): Promise<CommitSha | undefined> {
  const head = await readBranch(request.intake, request.branch);
  if (head === undefined) return undefined;
  try {
    await fillQuarantine(git, request, head);
    await requireBoundedTree(git, request.quarantine, head);
    await importHead(request, head);
    return head;
  } finally {
    await rm(request.quarantine, { recursive: true, force: true });
  }
}

async function importHead(request: CollectRequest, head: CommitSha): Promise<void> {
  const { repository, quarantine, ref } = request;
  try {
    await fetchCommits({
      repository,
      from: quarantine,
      refs: [{ source: 'refs/heads/collect', destination: ref, expected: head }],
    });
  } catch (error) {
    throw invalid(`commits of ${request.branch} were refused: ${toSwarmError(error).message}`, error);
  }
}

async function fillQuarantine(git: HostGit, request: CollectRequest, head: CommitSha): Promise<void> {
  const { quarantine, source } = request;
  await git.run(['init', '-q', '--bare', '--template=', `--object-format=${source.format}`, quarantine]);
  await writeAlternates(quarantine, source.objects);
  if (source.shallow !== undefined) await writeFile(join(quarantine, 'shallow'), source.shallow);
  const { loose, packs } = await copyIntakeObjects(
    join(request.intake, 'objects'),
    join(quarantine, 'objects'),
  );
  for (const pack of packs) {
    const indexed = await git.try(['-C', quarantine, 'index-pack', '--strict', pack]);
    if (!indexed.ok) throw invalid(`a pack of ${request.branch} is damaged: ${indexed.failure}`);
  }
  await requireBoundedObjects(git, quarantine, loose);
  const kind = await git.try(['-C', quarantine, 'cat-file', '-t', head]);
  if (kind.stdout.trim() !== 'commit')
    throw invalid(`${request.branch} names ${head}, which is no commit here`);
  const named = await git.try(['-C', quarantine, 'update-ref', 'refs/heads/collect', head]);
  if (!named.ok) throw invalid(`${request.branch} could not be read: ${named.failure}`);
}

async function readBranch(intake: string, branch: string): Promise<CommitSha | undefined> {
  const ref = `refs/heads/${branch}`;
  const loose = await readOptional(intake, ref, MAX_REF_BYTES);
  if (loose !== undefined) return parseSha(loose.trim(), branch);
  const packed = await readOptional(intake, 'packed-refs', MAX_PACKED_REFS_BYTES);
  const line = packed?.split('\n').find((row) => row.endsWith(` ${ref}`));
  return line === undefined ? undefined : parseSha(line.slice(0, -ref.length - 1), branch);
}

async function readOptional(folder: string, name: string, maxBytes: number): Promise<string | undefined> {
  try {
    return (await readInside(folder, name, maxBytes)).toString('latin1');
  } catch (error) {
    if (isSwarmError(error) && error.details['missing'] === true) return undefined;
    throw invalid(`the intake's ${name} cannot be read`, error);
  }
}

function parseSha(text: string, branch: string): CommitSha {
  const sha = CommitShaSchema.safeParse(text);
  if (!sha.success) throw invalid(`${branch} in the intake is not a plain commit id`);
  return sha.data;
}

function invalid(message: string, cause?: unknown): SandboxError {
  return new SandboxError('COMMITS_INVALID', message, cause === undefined ? {} : { cause });
}
