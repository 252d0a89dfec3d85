import { budgetPolicyOf } from '@agentswarm/core';
import { createBudget, type Budget } from '@agentswarm/llm-client';
import { assertBudgetCanBeKept, createPatientBudget } from '@agentswarm/orchestrator';
import type { ModelSettings } from './model-settings.ts';

/**
 * Opens the budget of one command: the bounds of the configuration, with nothing spent.
 *
 * @throws {OrchestratorError} BUDGET_PROVIDER_UNKNOWN.
 * @throws {LlmError} PRICE_UNKNOWN.
 */
export async function openModelBudget({ config, endpoints, catalog }: ModelSettings): Promise<Budget> {
  assertBudgetCanBeKept({ config, endpoints, prices: catalog });
  return createPatientBudget(await createBudget({ policy: budgetPolicyOf(config) }));
}
