import OpenAI from 'openai';
import { apiBaseUrl, type LlmEndpoint } from './endpoint.ts';

/** The SDK bound to one endpoint: no retries of its own, no log output, nothing taken from the environment. */
export function createOpenAiSdk(endpoint: LlmEndpoint, timeoutMs: number): OpenAI {
  return new OpenAI({
    baseURL: apiBaseUrl(endpoint),
    // Without a key the SDK refuses to exist; the header that would carry this one is left out below.
    apiKey: endpoint.apiKey?.reveal() ?? 'none',
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    maxRetries: 0,
    timeout: timeoutMs,
    logLevel: 'off',
    ...(endpoint.apiKey === undefined ? { defaultHeaders: { Authorization: null } } : {}),
  });
}
