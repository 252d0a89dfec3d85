import { silentLogger, systemClock } from '@agentswarm/core';
import { soleEndpoint } from '../endpoint/endpoint.ts';
import { createOpenAiSdk } from '../endpoint/open-ai-sdk.ts';
import { completeJson } from './complete-json.ts';
import { completeWithRetries } from './complete-with-retries.ts';
import type { CompletionRequest, LlmClient, LlmClientOptions } from './llm-client.ts';

/**
 * Creates a client of an OpenAI-compatible server.
 *
 * @throws {LlmError} ENDPOINT_INVALID when there is not exactly one endpoint or its URL is not usable.
 * @example
 * const llm = createLlmClient({
 *   endpoints: [{ name: 'local', baseUrl: 'http://127.0.0.1:8000', model: 'glm-5' }],
 *   maxTokens: 1024, temperature: 0.2, timeoutMs: 60_000,
 * });
 * const { text } = await llm.complete({ role: 'planner', messages: [{ role: 'user', content: 'Hello' }] });
 */
export function createLlmClient(options: LlmClientOptions): LlmClient {
  const endpoint = soleEndpoint(options.endpoints);
  const connection = {
    endpoint,
    sdk: createOpenAiSdk(endpoint, options.timeoutMs),
    clock: options.clock ?? systemClock,
    logger: options.logger ?? silentLogger,
    onCall: options.onCall ?? (() => {}),
  };
  const complete = (request: CompletionRequest) =>
    completeWithRetries(connection, {
      role: request.role,
      messages: request.messages,
      model: options.models?.[request.role] ?? endpoint.model,
      maxTokens: request.maxTokens ?? options.maxTokens,
      temperature: request.temperature ?? options.temperature,
      topP: request.topP,
      attribution: request.attribution ?? {},
      signal: request.signal,
    });
  return { complete, completeJson: (request) => completeJson(complete, request, endpoint.name) };
}
