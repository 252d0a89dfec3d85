import { z } from 'zod';
import type { SwarmConfig } from './swarm-config.ts';

/** Upper bounds of one scope; absent: without bound; 0: only what is free. */
export const BudgetLimitsSchema = z.strictObject({
  usd: z.exactOptional(z.number().min(0)),
  /** Prompt and completion tokens together. */
  tokens: z.exactOptional(z.int().min(0)),
});
export type BudgetLimits = z.infer<typeof BudgetLimitsSchema>;

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
export type BudgetPolicy = z.infer<typeof BudgetPolicySchema>;

/** The settings that hold bounds. */
export type BudgetSettings = Pick<SwarmConfig, 'budgetUsd' | 'budgetTokens' | 'budgetLimits'>;

/** The bounds that settings state. */
export function budgetPolicyOf({ budgetUsd, budgetTokens, budgetLimits }: BudgetSettings): BudgetPolicy {
  const run = {
    ...(budgetUsd === undefined ? {} : { usd: budgetUsd }),
    ...(budgetTokens === undefined ? {} : { tokens: budgetTokens }),
  };
  return { ...budgetLimits, ...(Object.keys(run).length === 0 ? {} : { run }) };
}

/** The settings that state these bounds: the inverse of {@link budgetPolicyOf}. */
export function budgetSettingsOf({ run, ...nested }: BudgetPolicy): BudgetSettings {
  return {
    ...(run?.usd === undefined ? {} : { budgetUsd: run.usd }),
    ...(run?.tokens === undefined ? {} : { budgetTokens: run.tokens }),
    ...(Object.keys(nested).length === 0 ? {} : { budgetLimits: nested }),
  };
}

/** Every bound of a policy, whatever its scope. */
export function listLimits({ run, task, attempt, call, providers }: BudgetPolicy): readonly BudgetLimits[] {
  return [run, task, attempt, call, ...Object.values(providers ?? {})].filter((scope) => scope !== undefined);
}
