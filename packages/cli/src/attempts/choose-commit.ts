import type { CommitSha } from '@agentswarm/core';
import { CliError } from '../errors.ts';
import { parseCount } from '../model/parse-count.ts';
import type { FoundAttempt } from './open-attempts.ts';

/** A state of an attempt's work: its end, or a snapshot. */
export interface ChosenCommit {
  readonly commit: CommitSha;
  /** Present where it is a snapshot. */
  readonly snapshot?: number;
}

/** The newest state that is kept of an attempt; undefined when it had changed nothing. */
export function newestCommit({ work }: Pick<FoundAttempt, 'work'>): ChosenCommit | undefined {
  if (work.head !== undefined) return { commit: work.head };
  const last = work.snapshots.at(-1);
  return last && { commit: last.commit, snapshot: last.number };
}

/**
 * The snapshot asked for, else the newest state.
 *
 * @throws {CliError} CLI_USAGE; CLI_SNAPSHOT_NOT_FOUND naming the snapshots there are, or saying that nothing is kept.
 */
export function chooseCommit(found: FoundAttempt, asked: string | undefined): ChosenCommit {
  const number = asked === undefined ? undefined : parseCount('--snapshot', asked);
  const { attempt, work } = found;
  const snapshot = work.snapshots.find((candidate) => candidate.number === number);
  const chosen =
    number === undefined
      ? newestCommit(found)
      : snapshot && { commit: snapshot.commit, snapshot: snapshot.number };
  if (chosen !== undefined) return chosen;
  const numbers = work.snapshots.map((candidate) => candidate.number);
  const message =
    numbers.length === 0
      ? `nothing is kept of ${attempt.id}: nothing it changed has reached this machine`
      : `${attempt.id} has no snapshot ${number}; its snapshots: ${numbers.join(', ')}`;
  throw new CliError('CLI_SNAPSHOT_NOT_FOUND', message, { details: { numbers } });
}
