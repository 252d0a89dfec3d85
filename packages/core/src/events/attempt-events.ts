import { z } from 'zod';
import { AttemptIdSchema, BranchNameSchema, CommitShaSchema, TaskIdSchema } from '../ids.ts';
import { HandoffSchema } from '../protocol/handoff.ts';
import { AttemptFailureReasonSchema } from '../protocol/task-result.ts';

const attempt = { taskId: TaskIdSchema, attemptId: AttemptIdSchema };

export const attemptEvents = [
  /** Intent: a sandbox for this attempt is about to exist. */
  z.strictObject({
    type: z.literal('attempt_dispatched'),
    ...attempt,
    /** Counted from 1. */
    number: z.int().min(1),
    branch: BranchNameSchema,
    base: CommitShaSchema,
  }),
  z.strictObject({
    type: z.literal('attempt_started'),
    ...attempt,
    sandboxId: z.string(),
    /** Transcript file, relative to the run folder. */
    transcript: z.string(),
  }),
  z.strictObject({
    type: z.literal('attempt_progressed'),
    ...attempt,
    phase: z.string(),
    message: z.string(),
    toolCalls: z.int().min(0),
  }),
  /** The commits are in the landing store under the attempt's ref and the handoff is valid. */
  z.strictObject({
    type: z.literal('attempt_handed_off'),
    ...attempt,
    handoff: HandoffSchema,
    head: CommitShaSchema,
    files: z.array(z.string()),
  }),
  /** Files outside scope and `shared` were changed, or the merge queue would refuse the head; nothing of it is merged. */
  z.strictObject({
    type: z.literal('attempt_refused'),
    ...attempt,
    files: z.array(z.string()),
    reason: z.string(),
  }),
  z.strictObject({
    type: z.literal('attempt_failed'),
    ...attempt,
    reason: AttemptFailureReasonSchema,
    message: z.string(),
  }),
  /** Ended by us (stop, crash of the orchestrator); does not count against MAX_ATTEMPTS. */
  z.strictObject({ type: z.literal('attempt_abandoned'), ...attempt, reason: z.string() }),
] as const;
