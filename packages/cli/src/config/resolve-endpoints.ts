import type { EndpointConfig, Secret, SwarmConfig } from '@agentswarm/core';
import type { LlmEndpoint } from '@agentswarm/llm-client';
import { CliError } from '../errors.ts';

/**
 * The model servers a configuration names.
 *
 * @throws {CliError} CLI_NO_ENDPOINT when it names none.
 */
export function resolveEndpoints(config: SwarmConfig): LlmEndpoint[] {
  const endpoints = configuredEndpoints(config);
  if (endpoints.length > 0) return endpoints;
  throw new CliError('CLI_NO_ENDPOINT', 'no model endpoint is configured: LLM_BASE_URL is not set');
}

/** The model servers a configuration names, if any: `LLM_ENDPOINTS`, else `LLM_BASE_URL`, else the RunPod shorthand. */
export function configuredEndpoints(config: SwarmConfig): LlmEndpoint[] {
  if (config.llmEndpoints !== undefined) {
    return config.llmEndpoints.map((endpoint) => fromList(endpoint, config.llmModel));
  }
  if (config.llmBaseUrl !== undefined) {
    return [
      endpointOf({ name: 'default', baseUrl: config.llmBaseUrl, model: config.llmModel }, config.llmApiKey),
    ];
  }
  if (config.runpodEndpointId !== undefined) {
    const baseUrl = `https://api.runpod.ai/v2/${encodeURIComponent(config.runpodEndpointId)}/openai/v1`;
    return [
      endpointOf(
        { name: 'runpod', baseUrl, model: config.llmModel },
        config.runpodApiKey ?? config.llmApiKey,
      ),
    ];
  }
  return [];
}

function fromList(endpoint: EndpointConfig, preferred: string): LlmEndpoint {
  const { name, endpoint: baseUrl, apiKey, weight, tier, models, roles, price } = endpoint;
  const { concurrency, tokensPerMinute, start } = endpoint;
  const offered = models ?? [];
  const model = offered.includes(preferred) ? preferred : (offered[0] ?? preferred);
  const limits = {
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(tokensPerMinute === undefined ? {} : { tokensPerMinute }),
  };
  return endpointOf(
    {
      ...{ name, baseUrl, model, weight, tier, limits },
      ...(models === undefined ? {} : { models }),
      ...(roles === undefined ? {} : { roles }),
      ...(price === undefined ? {} : { price }),
      // What starts it is added where a command begins: see createLocalServers.
      ...(start === undefined ? {} : { localServer: {} }),
    },
    apiKey,
  );
}

function endpointOf(endpoint: LlmEndpoint, apiKey: Secret | undefined): LlmEndpoint {
  return apiKey === undefined ? endpoint : { ...endpoint, apiKey };
}
