import { budgetPolicyOf, foldRecords, type Journal, type SwarmConfig } from '@agentswarm/core';
import {
  assertPriced,
  createBudget,
  memoryBudgetStore,
  type Budget,
  type LlmEndpoint,
  type PriceList,
} from '@agentswarm/llm-client';
import { OrchestratorError } from '../errors.ts';
import { createJournalBudgetStore } from './create-journal-budget-store.ts';
import { createPatientBudget } from './create-patient-budget.ts';
import { createReportingBudget, type RefusalLog } from './create-reporting-budget.ts';
import { listPricedModels } from './priced-models.ts';

/** What money depends on. */
export interface BudgetTerms {
  readonly config: SwarmConfig;
  readonly endpoints: readonly LlmEndpoint[];
  readonly prices: PriceList;
}

/**
 * Checks that the bounds of a configuration can be kept.
 *
 * @throws {OrchestratorError} BUDGET_PROVIDER_UNKNOWN when a bound names no endpoint.
 * @throws {LlmError} PRICE_UNKNOWN when a bound in USD applies to a model whose price nobody stated.
 */
export function assertBudgetCanBeKept({ config, endpoints, prices }: BudgetTerms): void {
  const policy = budgetPolicyOf(config);
  const names = endpoints.map(({ name }) => name);
  const unknown = Object.keys(policy.providers ?? {}).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new OrchestratorError(
      'BUDGET_PROVIDER_UNKNOWN',
      `a budget is set for ${unknown}, which is no endpoint; there are: ${names.join(', ')}`,
      { details: { provider: unknown, endpoints: names } },
    );
  }
  assertPriced(policy, listPricedModels(endpoints, config.models, prices));
}

/**
 * Opens the budget of a run where its journal left off, with the bounds of the configuration. Without a bound
 * or a price that somebody stated, nothing is written: calls are counted by their own events.
 */
export async function openBudget(terms: BudgetTerms, journal: Journal, log: RefusalLog): Promise<Budget> {
  const policy = budgetPolicyOf(terms.config);
  const { policy: known } = foldRecords(journal.read()).spend;
  const isKept =
    [policy, known].some((each) => Object.keys(each).length > 0) ||
    terms.endpoints.some(({ price }) => price !== undefined);
  const store = isKept ? createJournalBudgetStore(journal) : memoryBudgetStore();
  return createReportingBudget(createPatientBudget(await createBudget({ policy, store })), log);
}
