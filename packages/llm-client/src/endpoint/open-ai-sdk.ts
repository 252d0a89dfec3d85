import OpenAI from 'openai';
import { apiBaseUrl, type LlmEndpoint } from './endpoint.ts';

/** The SDK bound to one endpoint: no retries of its own, no log output, no identity taken from the environment. */
export function createOpenAiSdk(
  endpoint: LlmEndpoint,
  timeoutMs: number,
  fetch?: typeof globalThis.fetch,
): OpenAI {
  return new OpenAI({
    baseURL: apiBaseUrl(endpoint),
    // The SDK refuses to exist without a key; what is sent is the header below, which the environment cannot replace.
    apiKey: 'none',
    defaultHeaders: { Authorization: endpoint.apiKey ? `Bearer ${endpoint.apiKey.reveal()}` : null },
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    maxRetries: 0,
    timeout: timeoutMs,
    logLevel: 'off',
    ...(fetch === undefined ? {} : { fetch }),
  });
}
