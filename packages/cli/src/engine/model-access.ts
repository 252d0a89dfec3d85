import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { budgetPolicyOf, isSwarmError, type SwarmConfig, type SwarmError } from '@agentswarm/core';
import {
  createBudget,
  memoryBudgetStore,
  openBudgetFile,
  type Budget,
  type BudgetPolicy,
  type LlmEndpoint,
  type ModelCatalog,
} from '@agentswarm/llm-client';
import { assertBudgetCanBeKept, createPatientBudget, rentedServers } from '@agentswarm/orchestrator';
import { readModelCatalog } from '../config/read-model-catalog.ts';
import { configuredEndpoints } from '../config/resolve-endpoints.ts';
import type { CliContext } from '../context.ts';
import { isWaiting } from '../exit-codes.ts';
import { createLocalServers } from '../servers/local-servers.ts';

export interface ModelAccessOptions {
  readonly config: SwarmConfig;
  readonly context: Pick<CliContext, 'directory' | 'env'>;
  /** Absolute path of the folder where an engine keeps its state; what was spent is remembered there. */
  readonly stateDir: string | undefined;
  /** Whether a model may be asked at all; otherwise nothing is checked, and nothing costs. */
  readonly isAsking: boolean;
}

/** What the models of an engine are asked with. Disposing it ends the servers it started and closes the book. */
export interface ModelAccess extends AsyncDisposable {
  readonly endpoints: readonly LlmEndpoint[];
  readonly catalog: ModelCatalog;
  readonly budget: Budget;
  /** The first failure that only a person can end, by money or by starting a model. */
  readonly waiting: SwarmError | undefined;
  /** Lets one call be made. @throws {LlmError} BUDGET_EXHAUSTED once servers cannot be paid any more. */
  ask<T>(call: () => Promise<T>): Promise<T>;
}

/**
 * Opens the configured endpoints within the bounds of the configuration.
 *
 * @throws {OrchestratorError} BUDGET_PROVIDER_UNKNOWN.
 * @throws {LlmError} PRICE_UNKNOWN, BUDGET_EXHAUSTED, BUDGET_UNREADABLE, BUDGET_UNWRITABLE.
 */
export async function openModelAccess(options: ModelAccessOptions): Promise<ModelAccess> {
  const { config, context, isAsking } = options;
  await using opened = new AsyncDisposableStack();
  const catalog = await readModelCatalog(config);
  const configured = configuredEndpoints(config);
  const { endpoints } = opened.use(await createLocalServers({ config, endpoints: configured, context }));
  if (isAsking) assertBudgetCanBeKept({ config, endpoints, prices: catalog });
  const budget = opened.use(await openBudget(options));
  let waiting: SwarmError | undefined;
  const note = (error: unknown) => {
    if (isSwarmError(error) && isWaiting(error)) waiting ??= error;
  };
  const rentEnd = new AbortController();
  const onExhausted = (error: unknown) => {
    note(error);
    rentEnd.abort(error);
  };
  for (const rent of isAsking ? rentedServers(endpoints) : [])
    opened.use(await budget.meter({ ...rent, onExhausted }));
  const owned = opened.move();
  return {
    ...{ endpoints, catalog, budget },
    get waiting() {
      return waiting;
    },
    async ask(call) {
      try {
        rentEnd.signal.throwIfAborted();
        return await call();
      } catch (error) {
        note(error);
        throw error;
      }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Patient: of calls at the same time, one waits for what another gives back. */
async function openBudget({ config, stateDir, isAsking }: ModelAccessOptions): Promise<Budget> {
  const policy: BudgetPolicy = budgetPolicyOf(config);
  const isKept = isAsking && stateDir !== undefined && Object.keys(policy).length > 0;
  if (isKept) await mkdir(stateDir, { recursive: true });
  const store = isKept ? await openBudgetFile(join(stateDir, 'budget.jsonl')) : memoryBudgetStore();
  return createPatientBudget(await createBudget({ policy, store }));
}
