import type { CommitSha } from '@agentswarm/core';
import { addedBytes, commitsBetween, diffStat, type CommitSummary, type DiffStat } from '@agentswarm/git';
import type { ChosenCommit } from './choose-commit.ts';
import type { FoundAttempt } from './open-attempts.ts';

/** A snapshot with what it holds, compared with the attempt's base. */
export interface SnapshotFacts {
  readonly number: number;
  readonly commit: CommitSha;
  /** By the clock of the sandbox. */
  readonly committedAtMs?: number;
  /** What its objects take in the store. */
  readonly bytes: number;
  readonly files: number;
  readonly insertions: number;
  readonly deletions: number;
}

/** What an attempt did, as far as it is kept. */
export interface WorkFacts extends DiffStat {
  /** Newest first, at most 100. */
  readonly commits: readonly CommitSummary[];
}

/** Commits and changed files of a state of an attempt. */
export async function inspectWork(found: FoundAttempt, { commit: head }: ChosenCommit): Promise<WorkFacts> {
  const range = { repository: found.store, base: found.attempt.base, head };
  const [commits, changes] = await Promise.all([commitsBetween(range), diffStat(range)]);
  return { commits, ...changes };
}

/** Every snapshot of an attempt, oldest first. */
export async function inspectSnapshots(found: FoundAttempt): Promise<readonly SnapshotFacts[]> {
  const facts: SnapshotFacts[] = [];
  for (const { number, commit } of found.work.snapshots) {
    const range = { repository: found.store, base: found.attempt.base, head: commit };
    const [[made], bytes, changes] = await Promise.all([
      commitsBetween({ ...range, limit: 1 }),
      addedBytes(range),
      diffStat(range),
    ]);
    const { files, insertions, deletions } = changes;
    const time = made === undefined ? {} : { committedAtMs: made.committedAtMs };
    facts.push({ number, commit, ...time, bytes, files: files.length, insertions, deletions });
  }
  return facts;
}
