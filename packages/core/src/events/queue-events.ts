import { z } from 'zod';
import { BranchNameSchema, CommitShaSchema } from '../ids.ts';

/** Identity of a branch in the merge queue; the swarm uses the attempt id. */
const TicketSchema = z.string().min(1).max(200);

/** One failed gate command. */
const GateFailureSchema = z.strictObject({
  command: z.string(),
  exitCode: z.int().optional(),
  /** Why there is no exit code: timed out, killed, could not start. */
  problem: z.string().optional(),
  outputTail: z.string(),
});
export type GateFailure = z.infer<typeof GateFailureSchema>;

/** A path a resolver decided. */
const ResolvedPathSchema = z.strictObject({
  path: z.string(),
  /** Name of the resolver. */
  resolver: z.string(),
  /** What of either side is not in the result; empty when nothing was lost. */
  dropped: z.array(z.string()),
});
export type ResolvedPath = z.infer<typeof ResolvedPathSchema>;

/** The three versions of a path that did not merge: blob names, absent where the path does not exist. */
const ConflictedPathSchema = z.strictObject({
  path: z.string(),
  base: z.string().optional(),
  ours: z.string().optional(),
  theirs: z.string().optional(),
});

/** Why a branch was turned away without being gated. */
const RefusalReasonSchema = z.enum([
  'silent_revert',
  'conflict_markers',
  'forbidden_path',
  'outside_scope',
  'file_too_large',
  'unsafe_path',
  'unrelated_history',
  'missing_commit',
  'unreadable',
  'not_fast_forward',
  'dependency_failed',
]);
export type RefusalReason = z.infer<typeof RefusalReasonSchema>;

const branch = { ticket: TicketSchema, branch: BranchNameSchema };

export const queueEvents = [
  /** A queue became the only writer of its target. */
  z.strictObject({ type: z.literal('queue_opened'), epoch: z.int().positive() }),
  z.strictObject({
    type: z.literal('branch_queued'),
    ...branch,
    head: CommitShaSchema,
    priority: z.int(),
    owner: z.string().optional(),
    after: z.array(TicketSchema).optional(),
    intent: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal('gate_started'),
    /** Branches in the candidate that are not on main; empty for main itself. */
    tickets: z.array(TicketSchema),
    /** The merged commit under test. */
    candidate: CommitShaSchema,
    tree: CommitShaSchema,
  }),
  z.strictObject({
    type: z.literal('gate_finished'),
    tickets: z.array(TicketSchema),
    candidate: CommitShaSchema,
    /** `cancelled`: nobody needs the answer any more, because what it was built on did not land. */
    verdict: z.enum(['pass', 'fail', 'could_not_run', 'cancelled']),
    durationMs: z.number(),
    failure: GateFailureSchema.optional(),
    /** Digest of all that decides besides the tree: a verdict holds for one tree in one environment. */
    environment: z.string().optional(),
  }),
  /** The gate was red on a tree and then green on the same one. */
  z.strictObject({
    type: z.literal('gate_flaked'),
    tickets: z.array(TicketSchema),
    candidate: CommitShaSchema,
    failure: GateFailureSchema,
  }),
  /** A red batch left the line to be diagnosed beside it. */
  z.strictObject({
    type: z.literal('batch_parked'),
    tickets: z.array(TicketSchema),
    candidate: CommitShaSchema,
    failure: GateFailureSchema,
  }),
  /** Intent, synced before the push: main is about to move from `old` to `new`. */
  z.strictObject({
    type: z.literal('landing_intended'),
    tickets: z.array(TicketSchema),
    old: CommitShaSchema,
    new: CommitShaSchema,
  }),
  /** Fact: the branch is on the authoritative ref. */
  z.strictObject({
    type: z.literal('branch_landed'),
    ...branch,
    head: CommitShaSchema,
    /** The commit that brought it: its merge commit, or the last of its rewritten ones. */
    commit: CommitShaSchema,
    /** Tip of main after the push that carried it. */
    main: CommitShaSchema,
    /** Paths that git could not merge and a resolver decided. */
    resolved: z.array(ResolvedPathSchema).optional(),
  }),
  z.strictObject({
    type: z.literal('branch_conflicted'),
    ...branch,
    files: z.array(z.string()),
    /** The main it was merged with. */
    main: CommitShaSchema,
    conflicts: z.array(ConflictedPathSchema).optional(),
    /** Tickets whose landing touched the conflicted paths since the branch was forked. */
    conflictsWith: z.array(TicketSchema).optional(),
  }),
  z.strictObject({
    type: z.literal('branch_ejected'),
    ...branch,
    /** The main it was merged with; green by itself. */
    main: CommitShaSchema,
    failure: GateFailureSchema,
    /** Tickets that landed since the branch was forked: what it was red together with. */
    mergedWith: z.array(TicketSchema).optional(),
    /** Paths a resolver had decided: the ejection may be the resolver's fault. */
    resolved: z.array(ResolvedPathSchema).optional(),
  }),
  /** The branch was turned away before any gate: nothing of it was run. */
  z.strictObject({
    type: z.literal('branch_refused'),
    ...branch,
    reason: RefusalReasonSchema,
    message: z.string(),
    paths: z.array(z.string()),
  }),
  z.strictObject({ type: z.literal('branch_cancelled'), ...branch }),
  /** Noticed about a branch that goes on nevertheless, such as changes no commit of it explains. */
  z.strictObject({
    type: z.literal('branch_warned'),
    ...branch,
    warning: z.enum(['unexplained_changes']),
    paths: z.array(z.string()),
  }),
  /** A mirror has the target's commit. */
  z.strictObject({ type: z.literal('mirror_pushed'), mirror: z.string(), commit: CommitShaSchema }),
  /** A mirror could not be brought up to date; landing goes on. */
  z.strictObject({ type: z.literal('mirror_failed'), mirror: z.string(), message: z.string() }),
  /** The queue cannot go on: push refused, gate cannot run. Nothing was landed by it. */
  z.strictObject({ type: z.literal('queue_stopped'), code: z.string(), message: z.string() }),
] as const;
export type QueueEvent = z.infer<(typeof queueEvents)[number]>;
