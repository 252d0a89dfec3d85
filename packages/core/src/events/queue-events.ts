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

export const queueEvents = [
  z.strictObject({
    type: z.literal('branch_queued'),
    ticket: TicketSchema,
    branch: BranchNameSchema,
    head: CommitShaSchema,
    priority: z.int(),
  }),
  z.strictObject({
    type: z.literal('gate_started'),
    tickets: z.array(TicketSchema),
    /** The merged commit under test. */
    candidate: CommitShaSchema,
    tree: CommitShaSchema,
  }),
  z.strictObject({
    type: z.literal('gate_finished'),
    tickets: z.array(TicketSchema),
    candidate: CommitShaSchema,
    verdict: z.enum(['pass', 'fail', 'could_not_run']),
    durationMs: z.number(),
    failure: GateFailureSchema.optional(),
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
    ticket: TicketSchema,
    branch: BranchNameSchema,
    head: CommitShaSchema,
    /** The merge commit of this branch; its parents are the main before it and `head`. */
    commit: CommitShaSchema,
    /** Tip of main after the push that carried it. */
    main: CommitShaSchema,
  }),
  z.strictObject({
    type: z.literal('branch_conflicted'),
    ticket: TicketSchema,
    branch: BranchNameSchema,
    files: z.array(z.string()),
    /** The main it was merged with. */
    main: CommitShaSchema,
  }),
  z.strictObject({
    type: z.literal('branch_ejected'),
    ticket: TicketSchema,
    branch: BranchNameSchema,
    /** The main it was merged with; green by itself. */
    main: CommitShaSchema,
    failure: GateFailureSchema,
  }),
  /** The queue cannot go on: push refused, gate cannot run. Nothing was landed by it. */
  z.strictObject({ type: z.literal('queue_stopped'), code: z.string(), message: z.string() }),
] as const;
export type QueueEvent = z.infer<(typeof queueEvents)[number]>;
