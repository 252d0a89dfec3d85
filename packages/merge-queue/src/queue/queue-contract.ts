import type {
  BranchName,
  Clock,
  CommitSha,
  EventSink,
  LandingIntent,
  Logger,
  QueueEvent,
  Secret,
} from '@agentswarm/core';
import type { Identity } from '@agentswarm/git';
import type { LandingStrategy } from '../compose/write-landing.ts';
import type { Submission } from '../entry/queue-entry.ts';
import type { QueueStop } from '../errors.ts';
import type { Gate } from '../gate/gate.ts';
import type { GuardPolicy } from '../guard/guard-policy.ts';
import type { ChangeRequest, ChangeResult } from '../land/land-change.ts';
import type { MirrorOptions } from '../land/mirrors.ts';
import type { ConflictResolver } from '../resolve/conflict-resolver.ts';

/** What an earlier queue left, see `queueStateOf`. */
export interface EarlierState {
  /** Submissions without an outcome, in order of arrival. */
  readonly tickets: readonly Submission[];
  /** Landings whose fate only the target knows. */
  readonly intents: readonly LandingIntent[];
  /** Outcomes of other tickets, for those that come after them. Default none. */
  readonly outcomes?: ReadonlyMap<string, 'landed' | 'lost'>;
  /** Trees that passed the gate, with the environment they passed in. Default none. */
  readonly passed?: readonly { readonly tree: CommitSha; readonly environment: string | undefined }[];
}

/** How a queue works, apart from where. */
export interface QueuePolicy {
  /** Default: {@link noGate}, branches only have to merge. */
  readonly gate?: Gate;
  /** Default `merge-commit`. */
  readonly strategy?: LandingStrategy;
  /** Most branches gated together; how many it is adapts to how often batches are red. Default 16. */
  readonly maxBatch?: number;
  /** Gate runs at once. Default 2. */
  readonly slots?: number;
  /** Asked in this order about what git cannot merge. Default none. */
  readonly resolvers?: readonly ConflictResolver[];
  /** What branches are turned away for; `false` lets everything in. Default: the defaults of {@link GuardPolicy}. */
  readonly guards?: GuardPolicy | false;
  /** A branch that waited this long counts as one priority more urgent, again for each further time. Default 600 000. */
  readonly agingMs?: number;
  /** Lands on a target that fails the gate itself: a branch that does not repair it is ejected. Default: the queue stops. */
  readonly allowRedTarget?: boolean;
}

export interface MergeQueueOptions extends QueuePolicy {
  /** Git directory on this host that has the commits of the branches; merges are composed in it. */
  readonly repository: string;
  /** Branch to land on. */
  readonly target: BranchName;
  /** URL, path or name of the remote whose branch is the authority. Default: the repository's own branch is. */
  readonly remote?: string;
  /** Token for an https remote. Default: the user's own git configuration logs in. */
  readonly credential?: Secret;
  /** Other remotes that follow the target; they may lag, and never hold up landing. Default none. */
  readonly mirrors?: readonly MirrorOptions[];
  /** Where events are stored before anybody hears of them. Default: only in memory. */
  readonly journal?: EventSink;
  readonly state?: EarlierState;
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

/** Lands branches. Disposing it is stopping it. */
export interface MergeQueue extends AsyncDisposable {
  /**
   * Puts a branch in line and returns at once. A ticket that is or was in line is not queued again.
   *
   * @throws {MergeQueueError} `TICKET_INVALID`, also for a ticket to come after that is not known;
   *   `JOURNAL_FAILED`, and the branch is not in line; `QUEUE_CLOSED` after stopping or failing.
   */
  enqueue(submission: Submission): void;
  /** Takes a branch out of line; false when it has its outcome already, or is being pushed just now. */
  cancel(ticket: string): boolean;
  /** Lands a commit of the caller's own, between two batches. Rejects with `QUEUE_CLOSED` when the queue ends first. */
  landChange(request: ChangeRequest): Promise<ChangeResult>;
  /**
   * Every event of this queue from its start, then the later ones as they are appended. Ends when the
   * queue is stopped from outside; throws the error it failed with.
   */
  events(): AsyncIterable<QueueEvent>;
  /** Resolves when nothing is in line or being landed, or nothing more will be. Rejects when the queue failed. */
  drain(): Promise<DrainResult>;
  /** Aborts running gates, brings a push in progress to its end, and leaves the rest in line. Never rejects. */
  stop(): Promise<void>;
}
