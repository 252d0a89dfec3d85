import { budgetPolicyOf } from '@agentswarm/core';
import { createBudget, type Budget } from '@agentswarm/llm-client';
import { resolveEndpoints } from '../config/resolve-endpoints.ts';
import { assertBudgetCanBeKept, createPatientBudget } from '@agentswarm/orchestrator';
import type { ModelSettings } from './model-settings.ts';

/**
 * Opens the budget of one command: the bounds of the configuration, with nothing spent.
 *
 * @throws {OrchestratorError} BUDGET_PROVIDER_UNKNOWN.
 * @throws {LlmError} PRICE_UNKNOWN.
 */
export async function openModelBudget({
  config,
  catalog,
}: Pick<ModelSettings, 'config' | 'catalog'>): Promise<Budget> {
  // A bound may speak of an endpoint that this command does not use.
  assertBudgetCanBeKept({ config, endpoints: resolveEndpoints(config), prices: catalog });
  return createPatientBudget(await createBudget({ policy: budgetPolicyOf(config) }));
}
