import { createLlmClient, type LlmClient } from '@agentswarm/llm-client';
import { createLocalServers } from '../servers/local-servers.ts';
import { modelsFor, type ModelFlags, type ModelSettings } from './model-settings.ts';
import { openModelBudget } from './open-model-budget.ts';
import { parseCount } from './parse-count.ts';
import { createSpendCounter, type SpendCount } from './spend-count.ts';

export interface ClientFlags extends ModelFlags {
  readonly maxTokens?: string;
}

/** A client of the configured endpoints, within the bounds of the configuration. */
export interface ModelClient extends AsyncDisposable {
  readonly llm: LlmClient;
  /** What was used so far. */
  spent(): SpendCount;
}

/** Opens a client for one command; it asks as a worker does. */
export async function openModelClient(settings: ModelSettings, flags: ClientFlags): Promise<ModelClient> {
  const { config, catalog, notes, logger } = settings;
  const maxTokens =
    flags.maxTokens === undefined ? config.llmMaxTokens : parseCount('--max-tokens', flags.maxTokens);
  const counter = createSpendCounter();
  await using opened = new AsyncDisposableStack();
  const budget = opened.use(await openModelBudget(settings));
  const { endpoints } = opened.use(await createLocalServers(settings));
  const llm = createLlmClient({
    ...{ endpoints, catalog, notes, budget, logger, maxTokens },
    models: modelsFor('worker', settings, flags),
    temperature: config.llmTemperature,
    timeoutMs: config.llmTimeoutMs,
    onCall: (event) => counter.add(event),
  });
  const owned = opened.move();
  return { llm, spent: () => counter.count(), [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
