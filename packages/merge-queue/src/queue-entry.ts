import { BranchNameSchema, CommitShaSchema, type BranchName, type CommitSha } from '@agentswarm/core';
import { MergeQueueError } from './errors.ts';

/** A branch handed to the queue. */
export interface Submission {
  /** Its identity: the same ticket is queued once, whatever happens. */
  readonly ticket: string;
  readonly branch: BranchName;
  /** The commit to land; later commits of the branch are not looked at. */
  readonly head: CommitSha;
  /** 1 is most urgent; equal ones in order of arrival. */
  readonly priority: number;
}

/** A submission in line. */
export interface QueueEntry extends Submission {
  /** Position of its arrival. */
  readonly order: number;
}

/** The next entries to try together: most urgent first, then longest waiting. */
export function selectBatch(waiting: Iterable<QueueEntry>, maxBatch: number): readonly QueueEntry[] {
  return [...waiting].toSorted((a, b) => a.priority - b.priority || a.order - b.order).slice(0, maxBatch);
}

/** Cuts a group in two; the first part is the larger one. */
export function splitGroup(group: readonly QueueEntry[]): readonly [QueueEntry[], QueueEntry[]] {
  const middle = Math.ceil(group.length / 2);
  return [group.slice(0, middle), group.slice(middle)];
}

/** @throws {MergeQueueError} `TICKET_INVALID` when the submission could not be written into a commit and the journal. */
export function checkSubmission(submission: Submission): void {
  const { ticket, branch, head, priority } = submission;
  const problem =
    (!/^[^\p{Cc}]{1,200}$/u.test(ticket) && 'the ticket needs 1 to 200 printable characters') ||
    (!BranchNameSchema.safeParse(branch).success && 'the branch name is not valid') ||
    (!CommitShaSchema.safeParse(head).success && 'the head is no full commit name') ||
    (!Number.isSafeInteger(priority) && 'the priority is no whole number');
  if (problem === false) return;
  throw new MergeQueueError('TICKET_INVALID', problem, { details: { ticket, branch, head, priority } });
}
