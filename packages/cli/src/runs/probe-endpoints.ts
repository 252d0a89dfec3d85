import { toSwarmError, type EndpointReport, type Logger } from '@agentswarm/core';
import { probeEndpoint, type LlmEndpoint } from '@agentswarm/llm-client';
import { awakenEndpoint } from '../servers/awaken-endpoint.ts';

/**
 * Asks every endpoint for its models. One that is out for a passing reason is left to the router, as long as
 * another answers; whatever a person must correct stops the run before it starts. When none answers, a server of
 * this machine is started.
 *
 * @throws {LlmError} of the first endpoint that cannot be used; MODEL_WAIT when that is a server of this machine
 * which is not running.
 */
export async function probeEndpoints(
  endpoints: readonly LlmEndpoint[],
  options: { readonly signal: AbortSignal; readonly logger: Logger },
): Promise<EndpointReport[]> {
  const { signal, logger } = options;
  const probes = await Promise.all(endpoints.map((endpoint) => probe(endpoint, signal)));
  signal.throwIfAborted();
  const reports = probes.flatMap(({ report }) => report ?? []);
  const failures = probes.flatMap(({ endpoint, error }) =>
    error === undefined ? [] : [{ endpoint, error }],
  );
  for (const { error } of failures) {
    if (!error.traits.retryable) throw error;
    if (reports.length > 0) logger.warn({ code: error.code }, error.message);
  }
  if (reports.length > 0) return reports;
  const awake = await awakenEndpoint(failures, options);
  return [await probeEndpoint(awake, { signal })];
}

async function probe(endpoint: LlmEndpoint, signal: AbortSignal) {
  try {
    return { endpoint, report: await probeEndpoint(endpoint, { signal }) };
  } catch (error) {
    return { endpoint, error: toSwarmError(error) };
  }
}
