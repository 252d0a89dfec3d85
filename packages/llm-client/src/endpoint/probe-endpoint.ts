import type { EndpointReport } from '@agentswarm/core';
import { z } from 'zod';
import { LlmError } from '../errors.ts';
import { classifyFailure } from './classify-failure.ts';
import { apiBaseUrl, type LlmEndpoint } from './endpoint.ts';
import { createOpenAiSdk } from './open-ai-sdk.ts';

const PROBE_TIMEOUT_MS = 15_000;

const ModelListSchema = z.object({
  data: z.array(z.object({ id: z.string(), owned_by: z.string().optional() })),
});

/** An endpoint as it describes itself. */
export interface EndpointProbe extends EndpointReport {
  /** Every model it offers, in its order. */
  readonly models: readonly string[];
}

/**
 * Asks an endpoint for its models and checks that the configured one is among them. One request, no retry;
 * 15 seconds unless `timeoutMs` says otherwise.
 *
 * @throws {LlmError} MODEL_UNKNOWN listing what is offered; ENDPOINT_UNREACHABLE, AUTH_REJECTED, TIMED_OUT and
 * the like when there is no list to read; ENDPOINT_INVALID for an unusable URL or one without a model list.
 */
export async function probeEndpoint(
  endpoint: LlmEndpoint,
  options: { readonly signal?: AbortSignal; readonly timeoutMs?: number } = {},
): Promise<EndpointProbe> {
  const models = await listModels(endpoint, options);
  const found = models.find(({ id }) => id === endpoint.model);
  if (found === undefined) {
    const offered = models.map(({ id }) => id);
    throw new LlmError(
      'MODEL_UNKNOWN',
      `endpoint ${endpoint.name} does not offer model ${endpoint.model}; it offers: ${offered.join(', ') || 'none'}`,
      { details: { endpoint: endpoint.name, model: endpoint.model, offered } },
    );
  }
  return {
    name: endpoint.name,
    model: found.id,
    ownedBy: found.owned_by ?? 'unknown',
    models: models.map(({ id }) => id),
  };
}

async function listModels(
  endpoint: LlmEndpoint,
  options: { readonly signal?: AbortSignal; readonly timeoutMs?: number },
) {
  const { signal, timeoutMs = PROBE_TIMEOUT_MS } = options;
  signal?.throwIfAborted();
  const sdk = createOpenAiSdk(endpoint, timeoutMs);
  try {
    const body: unknown = await sdk.get('/models', signal === undefined ? {} : { signal });
    const parsed = ModelListSchema.safeParse(body);
    if (parsed.success) return parsed.data.data;
    throw new LlmError('INVALID_ANSWER', `endpoint ${endpoint.name} answered with no list of models`, {
      details: { endpoint: endpoint.name, status: 200 },
      cause: parsed.error,
    });
  } catch (thrown) {
    signal?.throwIfAborted();
    const failure = classifyFailure(thrown, { endpoint, model: endpoint.model, nowMs: Date.now() });
    throw failure.details['status'] === 404 ? noModelList(endpoint) : failure;
  }
}

/** Here a 404 speaks about the URL; for a completion it speaks about the model. */
function noModelList(endpoint: LlmEndpoint): LlmError {
  const url = `${apiBaseUrl(endpoint)}/models`;
  return new LlmError(
    'ENDPOINT_INVALID',
    `endpoint ${endpoint.name} answered 404: there is no model list at ${url}`,
    {
      details: { endpoint: endpoint.name, status: 404, url },
    },
  );
}
