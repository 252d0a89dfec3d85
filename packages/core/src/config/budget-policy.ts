import { z } from 'zod';

/** Upper bounds of one scope; absent: without bound; 0: only what is free. */
const BudgetLimitsSchema = z.strictObject({
  usd: z.exactOptional(z.number().min(0)),
  /** Prompt and completion tokens together. */
  tokens: z.exactOptional(z.int().min(0)),
});
export type BudgetLimits = Readonly<z.infer<typeof BudgetLimitsSchema>>;

const limits = z.exactOptional(BudgetLimitsSchema);

/** Bounds below those of the run: `BUDGET_LIMITS`. */
export const NestedLimitsSchema = z.strictObject({
  /** Of each task. */
  task: limits,
  /** Of each attempt. */
  attempt: limits,
  /** Of each call. */
  call: limits,
  /** Of each provider, by the name of its endpoint. */
  providers: z.exactOptional(z.record(z.string().min(1), BudgetLimitsSchema)),
});

/** Bounds that nest: a call must fit into every scope it is in. */
export const BudgetPolicySchema = NestedLimitsSchema.extend({ run: limits });
export type BudgetPolicy = Readonly<z.infer<typeof BudgetPolicySchema>>;
