import OpenAI from 'openai';
import { apiBaseUrl, type LlmEndpoint } from './endpoint.ts';

/** The SDK bound to one endpoint: no retries of its own, no log output, nothing taken from the environment. */
export function createOpenAiSdk(endpoint: LlmEndpoint, timeoutMs: number): OpenAI {
  return new OpenAI({
    baseURL: apiBaseUrl(endpoint),
    apiKey: endpoint.apiKey?.reveal() ?? null,
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    maxRetries: 0,
    timeout: timeoutMs,
    logLevel: 'off',
    // Without a key the SDK refuses to send, unless the header is explicitly left out.
    ...(endpoint.apiKey === undefined ? { defaultHeaders: { Authorization: null } } : {}),
  });
}
