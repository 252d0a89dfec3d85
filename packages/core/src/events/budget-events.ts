import { z } from 'zod';
import { BudgetPolicySchema } from '../config/budget-policy.ts';
import { AttemptIdSchema, TaskIdSchema } from '../ids.ts';

const id = z.string().min(1);
/** Billionths of a dollar are whole numbers: sums are exact. */
const amount = { nanoUsd: z.int().min(0), tokens: z.int().min(0) };
const forWhom = {
  taskId: z.exactOptional(TaskIdSchema),
  attemptId: z.exactOptional(AttemptIdSchema),
};

export const budgetEvents = [
  /** Intent: so much may be spent from here on; what is never settled counts as spent in full. */
  z.strictObject({
    type: z.literal('budget_reserved'),
    id,
    /** Name of the endpoint, or of who rents the sandbox. */
    provider: z.string(),
    /** Absent: time, not a call. */
    model: z.exactOptional(z.string()),
    ...forWhom,
    ...amount,
  }),
  /** Fact: what a reservation came to. */
  z.strictObject({ type: z.literal('budget_settled'), id, ...amount }),
  /** The bounds that hold from here on. */
  z.strictObject({ type: z.literal('budget_policy_set'), policy: BudgetPolicySchema }),
  /** A call was refused, because it did not fit into a bound. */
  z.strictObject({
    type: z.literal('budget_exhausted'),
    scope: z.enum(['run', 'provider', 'task', 'attempt', 'call']),
    /** Which provider, task or attempt. */
    scopeId: z.exactOptional(z.string()),
    /** For whom the call was. */
    ...forWhom,
    unit: z.enum(['usd', 'tokens']),
    limit: z.number(),
    /** In dollars or tokens, as the unit says; so are the other sums. */
    spent: z.number(),
    /** Held by calls that were under way. */
    reserved: z.number(),
    /** The smallest limit that would have admitted the call. */
    needed: z.number(),
    message: z.string(),
  }),
] as const;
export type BudgetEvent = z.infer<(typeof budgetEvents)[number]>;
