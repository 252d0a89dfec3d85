import type { CommitSha } from '@agentswarm/core';
import type { QueueEntry } from '../entry/queue-entry.ts';
import type { MergeOutcome } from '../repository/landing-repository.ts';

/** A merge as git left it, with whose it is. */
export interface MergeAttempt {
  readonly entry: QueueEntry;
  readonly onto: CommitSha;
  readonly head: CommitSha;
  /** Their only merge base, when there is only one. */
  readonly base?: CommitSha;
  readonly merged: MergeOutcome;
}
