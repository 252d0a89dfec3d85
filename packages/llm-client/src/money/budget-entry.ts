import { AttemptIdSchema, BudgetPolicySchema, TaskIdSchema } from '@agentswarm/core';
import { z } from 'zod';

const id = z.string().min(1);
const amount = { nanoUsd: z.int().min(0), tokens: z.int().min(0) };

/** One line of what a budget remembers: plain JSON. Sums are whole billionths of a dollar. */
export const BudgetEntrySchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('policy_set'), policy: BudgetPolicySchema }),
  z.strictObject({
    type: z.literal('reserved'),
    id,
    provider: z.string(),
    /** Absent: time, not a call. */
    model: z.string().exactOptional(),
    taskId: TaskIdSchema.exactOptional(),
    attemptId: AttemptIdSchema.exactOptional(),
    ...amount,
  }),
  /** Replaces the sum of the reservation of that id. */
  z.strictObject({ type: z.literal('settled'), id, ...amount }),
]);
export type BudgetEntry = z.infer<typeof BudgetEntrySchema>;
export type ReservedEntry = Extract<BudgetEntry, { type: 'reserved' }>;
