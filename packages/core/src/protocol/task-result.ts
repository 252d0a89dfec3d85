import { z } from 'zod';
import { AttemptIdSchema, CommitShaSchema } from '../ids.ts';
import { HandoffSchema } from './handoff.ts';

/** Why an attempt ended without a usable handoff. */
export const AttemptFailureReasonSchema = z.enum([
  'sandbox_failed',
  'worker_died',
  'timed_out',
  'over_limit',
  'model_failed',
  'handoff_missing',
  'handoff_invalid',
  'commits_invalid',
  'agent_failed',
  'no_changes',
  'blocked',
  'budget',
]);
export type AttemptFailureReason = z.infer<typeof AttemptFailureReasonSchema>;

/** How one attempt ended inside its sandbox. */
export const TaskResultSchema = z.discriminatedUnion('status', [
  z.strictObject({
    status: z.literal('handed_off'),
    attemptId: AttemptIdSchema,
    handoff: HandoffSchema,
    head: CommitShaSchema,
  }),
  z.strictObject({
    status: z.literal('failed'),
    attemptId: AttemptIdSchema,
    reason: AttemptFailureReasonSchema,
    message: z.string(),
    /** Last commit that reached the intake, when there was one. */
    head: CommitShaSchema.optional(),
  }),
]);
export type TaskResult = z.infer<typeof TaskResultSchema>;
