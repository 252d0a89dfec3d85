import type { CallRoute } from '../events/model-events.ts';
import type { GateFailure, ResolvedPath } from '../events/queue-events.ts';
import type { EndpointReport, RunOutcome } from '../events/run-events.ts';
import type { AttemptId, BranchName, CommitSha, RunId, TaskId } from '../ids.ts';
import type { Evidence } from '../protocol/evidence.ts';
import type { Feature } from '../protocol/feature.ts';
import type { Handoff } from '../protocol/handoff.ts';
import type { AttemptFailureReason } from '../protocol/task-result.ts';
import type { Task } from '../protocol/task.ts';
import type { RunEventOf } from '../events/run-event.ts';
import { INITIAL_SPEND_STATE, type SpendState } from './spend-state.ts';

/** Where an attempt is; the last six are final. */
export type AttemptStatus =
  | 'dispatched'
  | 'running'
  | 'handed_off'
  | 'queued'
  | 'landed'
  | 'conflicted'
  | 'ejected'
  | 'refused'
  | 'failed'
  | 'abandoned';

export interface AttemptState {
  readonly id: AttemptId;
  readonly taskId: TaskId;
  readonly number: number;
  readonly status: AttemptStatus;
  readonly branch: BranchName;
  readonly base: CommitSha;
  readonly startedAtMs: number;
  readonly endedAtMs?: number;
  readonly sandboxId?: string;
  readonly transcript?: string;
  /** Last reported activity, for people. */
  readonly activity: string;
  readonly toolCalls: number;
  readonly head?: CommitSha;
  readonly files?: readonly string[];
  readonly handoff?: Handoff;
  /** Why it did not land; present for conflicted, ejected, refused and failed. */
  readonly evidence?: Evidence;
  /** Present for failed. */
  readonly failure?: AttemptFailureReason;
  /** Merge commit on main; present for landed. */
  readonly commit?: CommitSha;
}

/** `open`: not landed and no reason yet why it never will. */
export type TaskStatus = 'open' | 'landed' | 'failed' | 'cancelled';

export interface TaskState {
  readonly task: Task;
  readonly round: number;
  readonly status: TaskStatus;
  readonly attempts: readonly AttemptId[];
  /** Why it failed or was cancelled. */
  readonly reason?: string;
}

export interface LandingIntent {
  readonly tickets: readonly string[];
  readonly old: CommitSha;
  readonly new: CommitSha;
}

/** Calls, their tokens, and what they cost as far as prices are known. */
export interface UsageFigures {
  readonly calls: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Of the calls with a price; absent while there is none. */
  readonly costUsd?: number;
  /** Calls that used tokens whose price nobody stated. */
  readonly unpricedCalls: number;
}

/** Calls that went to an endpoint for another reason than that it was the one to prefer. */
export interface RoutedCalls {
  readonly endpoint: string;
  readonly reason: CallRoute['reason'];
  readonly detail?: NonNullable<CallRoute['detail']>;
  readonly calls: number;
}

export interface ModelUsage extends UsageFigures {
  readonly failedCalls: number;
  readonly estimatedCalls: number;
  readonly byRole: Readonly<Record<string, UsageFigures>>;
  readonly byModel: Readonly<Record<string, UsageFigures>>;
  readonly byEndpoint: Readonly<Record<string, UsageFigures>>;
  readonly rerouted: readonly RoutedCalls[];
}

export interface PlanningState {
  readonly round: number;
  readonly active: boolean;
  readonly scratchpad: string;
  readonly specMet: boolean;
  readonly heardSeq: number;
  /** Rounds in a row that failed. */
  readonly failures: number;
  /** What the newest failed round failed with. */
  readonly lastFailure?: Pick<RunEventOf<'planning_failed'>, 'problem' | 'message'>;
  /** Rounds since the newest outcome that gave no task and did not call the specification met. */
  readonly emptyRounds: number;
}

/** Something a planner wants to hear about. */
export interface TaskOutcome {
  readonly seq: number;
  readonly taskId: TaskId;
  readonly kind: 'landed' | 'conflicted' | 'ejected' | 'refused' | 'failed' | 'given_up' | 'cancelled';
}

export interface QueueState {
  /** Waiting or being gated, in order of arrival. */
  readonly tickets: readonly string[];
  /** Tickets of the gate that runs now. */
  readonly gating: readonly string[];
  readonly gateRuns: number;
  readonly gateFailures: number;
  /** Landings announced but not yet confirmed: to be settled by looking at the ref. */
  readonly intents: readonly LandingIntent[];
  readonly stopped?: { readonly code: string; readonly message: string };
}

/** The state of a run: a fold over its journal. */
export interface RunState {
  readonly lastSeq: number;
  readonly run?: RunEventOf<'run_started'>;
  readonly runId?: RunId;
  readonly pid?: number;
  readonly startedAtMs: number;
  /** Time of the newest event. */
  readonly lastAtMs: number;
  /** Closed stretches of activity, in ms; the open one runs from `activeSinceMs` to the newest event. */
  readonly activeMs: number;
  readonly activeSinceMs?: number;
  readonly resumes: number;
  readonly finished?: { readonly outcome: RunOutcome; readonly reason: string; readonly main: CommitSha };
  readonly stopping?: string;
  readonly endpoints: readonly EndpointReport[];
  readonly features: readonly Feature[];
  /** How the gate failed on main itself, until something lands. */
  readonly mainFailure?: GateFailure;
  /** Tip of main by the newest landing, else the base. */
  readonly main?: CommitSha;
  readonly tasks: ReadonlyMap<TaskId, TaskState>;
  readonly attempts: ReadonlyMap<AttemptId, AttemptState>;
  readonly planning: PlanningState;
  /** Ends of attempts and tasks, in order. */
  readonly outcomes: readonly TaskOutcome[];
  readonly queue: QueueState;
  readonly landings: readonly {
    readonly taskId?: TaskId;
    readonly ticket: string;
    readonly commit: CommitSha;
    readonly atMs: number;
    /** Paths that did not merge and were decided by resolvers of the queue. */
    readonly resolved: readonly ResolvedPath[];
  }[];
  readonly featureStatusCommit?: CommitSha;
  readonly usage: ModelUsage;
  readonly spend: SpendState;
  readonly notices: readonly { readonly level: string; readonly message: string; readonly atMs: number }[];
}

export const INITIAL_RUN_STATE: RunState = {
  lastSeq: 0,
  startedAtMs: 0,
  lastAtMs: 0,
  activeMs: 0,
  resumes: 0,
  endpoints: [],
  features: [],
  tasks: new Map(),
  attempts: new Map(),
  planning: {
    round: 0,
    active: false,
    scratchpad: '',
    specMet: false,
    heardSeq: 0,
    failures: 0,
    emptyRounds: 0,
  },
  outcomes: [],
  queue: { tickets: [], gating: [], gateRuns: 0, gateFailures: 0, intents: [] },
  landings: [],
  usage: {
    calls: 0,
    failedCalls: 0,
    promptTokens: 0,
    completionTokens: 0,
    estimatedCalls: 0,
    unpricedCalls: 0,
    byRole: {},
    byModel: {},
    byEndpoint: {},
    rerouted: [],
  },
  spend: INITIAL_SPEND_STATE,
  notices: [],
};
