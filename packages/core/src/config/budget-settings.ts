import type { BudgetPolicy } from './budget-policy.ts';
import type { SwarmConfig } from './swarm-config.ts';

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
