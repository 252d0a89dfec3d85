import { silentLogger, systemClock } from '@agentswarm/core';
import { createOpenAiSdkPool } from '../endpoint/open-ai-sdk-pool.ts';
import { createModelCatalog } from '../models/model-catalog.ts';
import { priceAt } from '../money/price-at.ts';
import { createRouter } from '../routing/create-router.ts';
import { complete } from './complete.ts';
import { completeJson } from './complete-json.ts';
import type { Connection } from './connection.ts';
import type { LlmClient, LlmClientOptions } from './llm-client.ts';
import { prepareRequest } from './prepared-request.ts';
import { stream } from './stream.ts';
import { toAnswerSchema } from './structured-mode.ts';
import { createStructuredModes } from './structured-modes.ts';

/**
 * Creates a client of OpenAI-compatible servers.
 *
 * @throws {LlmError} ENDPOINT_INVALID when there is no endpoint, two share a name, or a base URL is not usable.
 * @example
 * const llm = createLlmClient({
 *   endpoints: [{ name: 'local', baseUrl: 'http://127.0.0.1:8000', model: 'glm-5' }],
 *   maxTokens: 1024, temperature: 0.2, timeoutMs: 60_000,
 * });
 * const { text } = await llm.complete({ role: 'planner', messages: [{ role: 'user', content: 'Hello' }] });
 */
export function createLlmClient(options: LlmClientOptions): LlmClient {
  const { clock = systemClock, logger = silentLogger, catalog = createModelCatalog() } = options;
  const { timeoutMs, recorder } = options;
  const connection: Connection = {
    router: options.router ?? createRouter({ endpoints: options.endpoints ?? [], clock, logger }),
    sdkOf: createOpenAiSdkPool({ timeoutMs, ...(recorder === undefined ? {} : { recorder }) }),
    timeoutMs,
    catalog,
    priceOf: ({ endpoint, model }) => priceAt(endpoint, model, catalog),
    modes: createStructuredModes(catalog),
    budget: options.budget,
    onCall: options.onCall ?? (() => {}),
    clock,
    logger,
  };
  return {
    complete: (request) => complete(connection, prepareRequest(request, options)),
    stream: (request) => stream(connection, prepareRequest(request, options)),
    completeJson({ schema, ...request }) {
      const answerSchema = toAnswerSchema(schema);
      return completeJson(
        (messages) => complete(connection, prepareRequest({ ...request, messages }, options, answerSchema)),
        { messages: request.messages, schema },
      );
    },
  };
}
