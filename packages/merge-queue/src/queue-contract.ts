import type {
  BranchName,
  Clock,
  EventSink,
  LandingIntent,
  Logger,
  QueueEvent,
  Secret,
} from '@agentswarm/core';
import type { Identity } from '@agentswarm/git';
import type { QueueStop } from './errors.ts';
import type { Gate } from './gate.ts';
import type { ChangeRequest, ChangeResult } from './land-change.ts';
import type { Submission } from './queue-entry.ts';

export interface MergeQueueOptions {
  /** Git directory on this host that has the commits of the branches; merges are composed in it. */
  readonly repository: string;
  /** Branch to land on. */
  readonly target: BranchName;
  /** URL, path or name of the remote whose branch is the authority. Default: the repository's own branch is. */
  readonly remote?: string;
  /** Token for an https remote. Default: the user's own git configuration logs in. */
  readonly credential?: Secret;
  readonly gate: Gate;
  /** Where events are stored before anybody hears of them. Default: only in memory. */
  readonly journal?: EventSink;
  /** What an earlier process left: submissions without an outcome, in order of arrival, and unsettled intents. */
  readonly state?: {
    readonly tickets: readonly Submission[];
    readonly intents: readonly LandingIntent[];
  };
  /** Lands on a target that fails the gate itself: a branch that does not repair it is ejected. Default: the queue stops. */
  readonly allowRedTarget?: boolean;
  /** Most branches gated together. Default 8. */
  readonly maxBatch?: number;
  /** Author of merge commits. */
  readonly identity?: Identity;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Aborting is the same as {@link MergeQueue.stop}. */
  readonly signal?: AbortSignal;
}

/** How a queue came to rest. */
export type DrainResult =
  /** Every submission has an outcome. */
  | { readonly kind: 'empty' }
  /** The queue stopped by itself, see the `queue_stopped` event; submissions may still be in line. */
  | { readonly kind: 'stopped'; readonly stop: QueueStop }
  /** It was stopped from outside; submissions may still be in line. */
  | { readonly kind: 'closed' };

/** Lands branches one group at a time. Disposing it is stopping it. */
export interface MergeQueue extends AsyncDisposable {
  /**
   * Puts a branch in line and returns at once. A ticket that is or was in line is not queued again.
   *
   * @throws {MergeQueueError} `TICKET_INVALID`; `JOURNAL_FAILED`, and the branch is not in line;
   *   `QUEUE_CLOSED` after stopping or failing.
   */
  enqueue(submission: Submission): void;
  /** Lands a commit of the caller's own, between two groups. Rejects with `QUEUE_CLOSED` when the queue ends first. */
  landChange(request: ChangeRequest): Promise<ChangeResult>;
  /**
   * Every event of this queue from its start, then the later ones as they are appended. Ends when the
   * queue is stopped from outside; throws the error it failed with.
   */
  events(): AsyncIterable<QueueEvent>;
  /** Resolves when nothing is in line or being landed, or nothing more will be. Rejects when the queue failed. */
  drain(): Promise<DrainResult>;
  /** Aborts a running gate, brings a push in progress to its end, and leaves the rest in line. Never rejects. */
  stop(): Promise<void>;
}
