import { BranchNameSchema, CommitShaSchema, type BranchName, type CommitSha } from '@agentswarm/core';
import { MergeQueueError } from '../errors.ts';

/** A branch handed to the queue. */
export interface Submission {
  /** Its identity: the same ticket is queued once, whatever happens. */
  readonly ticket: string;
  readonly branch: BranchName;
  /** The commit to land; later commits of the branch are not looked at. */
  readonly head: CommitSha;
  /** 1 is most urgent; equal ones take turns by owner, then by arrival. */
  readonly priority: number;
  /** Whose branch it is: owners of one priority take turns. Default: everybody without one is one owner. */
  readonly owner?: string;
  /** Tickets that must land before this one. One of them lost means this one is refused. */
  readonly after?: readonly string[];
  /** What the branch is for, in a sentence, for resolvers and people. */
  readonly intent?: string;
}

/** A submission without an outcome yet. */
export interface QueueEntry extends Submission {
  /** Position of its arrival; kept for as long as it is in line. */
  readonly order: number;
  /** On the queue's clock. */
  readonly enqueuedAtMs: number;
}

const RULES: readonly (readonly [(submission: Submission) => boolean, string])[] = [
  [({ ticket }) => isTicket(ticket), 'the ticket needs 1 to 200 printable characters'],
  [({ branch }) => BranchNameSchema.safeParse(branch).success, 'the branch name is not valid'],
  [({ head }) => CommitShaSchema.safeParse(head).success, 'the head is no full commit name'],
  [({ priority }) => Number.isSafeInteger(priority), 'the priority is no whole number'],
  [({ owner = 'nobody' }) => isTicket(owner), 'the owner needs 1 to 200 printable characters'],
  [({ after = [] }) => after.every(isTicket), 'a ticket to wait for needs 1 to 200 printable characters'],
  [({ after = [], ticket }) => !after.includes(ticket), 'it cannot wait for itself'],
  [({ intent = '' }) => intent.length <= 10_000, 'the intent is longer than 10 000 characters'],
];

/** @throws {MergeQueueError} `TICKET_INVALID` when the submission could not be written into a commit and the journal. */
export function checkSubmission(submission: Submission): void {
  const broken = RULES.find(([holds]) => !holds(submission));
  if (broken === undefined) return;
  const { ticket, branch, head, priority } = submission;
  throw new MergeQueueError('TICKET_INVALID', broken[1], { details: { ticket, branch, head, priority } });
}

function isTicket(text: string): boolean {
  return /^[^\p{Cc}]{1,200}$/u.test(text);
}
