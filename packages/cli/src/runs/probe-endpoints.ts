import { toSwarmError, type EndpointReport, type Logger } from '@agentswarm/core';
import { probeEndpoint, type LlmEndpoint } from '@agentswarm/llm-client';

/**
 * Asks every endpoint for its models. One that is out for a passing reason is left to the router, as long as
 * another answers; whatever a person must correct stops the run before it starts.
 *
 * @throws {LlmError} of the first endpoint that cannot be used.
 */
export async function probeEndpoints(
  endpoints: readonly LlmEndpoint[],
  options: { readonly signal: AbortSignal; readonly logger: Logger },
): Promise<EndpointReport[]> {
  const { signal, logger } = options;
  const probes = await Promise.allSettled(endpoints.map((endpoint) => probeEndpoint(endpoint, { signal })));
  const reports = probes.flatMap((probe) => (probe.status === 'fulfilled' ? [probe.value] : []));
  for (const probe of probes) {
    if (probe.status === 'fulfilled') continue;
    const error = toSwarmError(probe.reason);
    if (signal.aborted || reports.length === 0 || !error.traits.retryable) throw error;
    logger.warn({ code: error.code }, error.message);
  }
  return reports;
}
