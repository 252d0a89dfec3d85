import { z } from 'zod';
import { BudgetPolicySchema } from '../config/budget-policy.ts';
import { AttemptIdSchema, TaskIdSchema } from '../ids.ts';

const usd = z.number().min(0);
const tokens = z.int().min(0);
const scope = {
  /** Name of the endpoint, or of who rents the sandbox. */
  provider: z.string(),
  model: z.exactOptional(z.string()),
  taskId: z.exactOptional(TaskIdSchema),
  attemptId: z.exactOptional(AttemptIdSchema),
};

export const budgetEvents = [
  /** Intent: so much may be spent from here on; what is never settled counts as spent in full. */
  z.strictObject({ type: z.literal('budget_reserved'), id: z.string().min(1), ...scope, usd, tokens }),
  /** Fact: what a reservation came to. */
  z.strictObject({ type: z.literal('budget_settled'), id: z.string().min(1), usd, tokens }),
  /** Fact: spent without a reservation. */
  z.strictObject({ type: z.literal('budget_charged'), ...scope, usd, tokens }),
  /** The bounds that hold from here on. */
  z.strictObject({ type: z.literal('budget_policy_set'), policy: BudgetPolicySchema }),
  /** A call was refused, because it did not fit into a bound. */
  z.strictObject({
    type: z.literal('budget_exhausted'),
    scope: z.enum(['run', 'provider', 'task', 'attempt', 'call']),
    /** Name of the provider that was used up. */
    provider: z.exactOptional(z.string()),
    /** For whom the call was. */
    taskId: z.exactOptional(TaskIdSchema),
    attemptId: z.exactOptional(AttemptIdSchema),
    unit: z.enum(['usd', 'tokens']),
    limit: z.number(),
    /** Spent or reserved. */
    spent: z.number(),
    /** The smallest limit that would have admitted the call. */
    needed: z.number(),
    message: z.string(),
  }),
] as const;
export type BudgetEvent = z.infer<(typeof budgetEvents)[number]>;
