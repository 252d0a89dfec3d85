import { toSwarmError, type SwarmConfig } from '@agentswarm/core';
import { probeEndpoint } from '@agentswarm/llm-client';
import { configuredEndpoints } from '../config/resolve-endpoints.ts';
import { hintFor } from '../hints.ts';
import { formatList } from '../view/format.ts';
import { fail, ok, warn, type CheckResult } from './check.ts';

const TIMEOUT_MS = 10_000;

/** Asks every configured endpoint for its models. */
export async function checkEndpoints(config: SwarmConfig): Promise<CheckResult[]> {
  const endpoints = configuredEndpoints(config);
  if (endpoints.length === 0) {
    return [
      warn(
        'model',
        'no endpoint is configured',
        'run `agentswarm init` and fill in LLM_BASE_URL, LLM_API_KEY and LLM_MODEL in .env; `agentswarm demo` needs none',
      ),
    ];
  }
  return Promise.all(
    endpoints.map(async (endpoint) => {
      try {
        const { model, ownedBy, models } = await probeEndpoint(endpoint, { timeoutMs: TIMEOUT_MS });
        return ok(
          'model',
          `${endpoint.name}: ${endpoint.baseUrl} offers ${model}, owned by ${ownedBy}${models.length > 1 ? ` (all it offers: ${formatList(models)})` : ''}`,
        );
      } catch (thrown) {
        const error = toSwarmError(thrown);
        if (error.code === 'ENDPOINT_UNREACHABLE' && endpoint.localServer !== undefined)
          return ok(
            'model',
            `${endpoint.name}: is not running; its "start" command is run when it is needed`,
          );
        return fail(
          'model',
          error.message,
          hintFor(error) ?? 'check LLM_BASE_URL, LLM_API_KEY and LLM_MODEL',
        );
      }
    }),
  );
}
