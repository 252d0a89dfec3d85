import { LlmError, type BudgetRefusal } from '@agentswarm/llm-client';
import { z } from 'zod';

const RefusalSchema = z.object({
  scope: z.enum(['run', 'provider', 'task', 'attempt', 'call']),
  scopeId: z.string().exactOptional(),
  unit: z.enum(['usd', 'tokens']),
  limit: z.number(),
  spent: z.number(),
  reserved: z.number(),
  wanted: z.number(),
  needed: z.number(),
}) satisfies z.ZodType<BudgetRefusal>;

/** What a budget's refusal says; undefined for other errors. */
export function readRefusal(error: unknown): BudgetRefusal | undefined {
  if (!(error instanceof LlmError) || error.code !== 'BUDGET_EXHAUSTED') return undefined;
  return RefusalSchema.safeParse(error.details).data;
}
