import { budgetPolicyOf, toSwarmError, type SwarmConfig } from '@agentswarm/core';
import { assertBudgetCanBeKept } from '@agentswarm/orchestrator';
import { readModelCatalog } from '../config/read-model-catalog.ts';
import { configuredEndpoints } from '../config/resolve-endpoints.ts';
import { hintFor } from '../hints.ts';
import { fail, ok, type CheckResult } from './check.ts';

/** Whether the bounds of a configuration can be kept; nothing where there are none. */
export async function checkBudget(config: SwarmConfig): Promise<CheckResult[]> {
  const policy = budgetPolicyOf(config);
  if (Object.keys(policy).length === 0) return [];
  try {
    const endpoints = configuredEndpoints(config);
    assertBudgetCanBeKept({ config, endpoints, prices: await readModelCatalog(config) });
    return [ok('budget', `can be kept: ${JSON.stringify(policy)}`)];
  } catch (thrown) {
    const error = toSwarmError(thrown);
    return [fail('budget', error.message, hintFor(error) ?? 'correct the budget')];
  }
}
