import { toSwarmError, type Logger, type SwarmError } from '@agentswarm/core';
import { LlmError, type LlmEndpoint } from '@agentswarm/llm-client';

/** An endpoint that did not answer. */
export interface SilentEndpoint {
  readonly endpoint: LlmEndpoint;
  readonly error: SwarmError;
}

/**
 * Starts the server of one of the endpoints, of none of which there is an answer: of the lowest tier first.
 *
 * @throws {LlmError} MODEL_WAIT when it is to be started by a person, or cannot be; else the error of the first.
 */
export async function awakenEndpoint(
  silent: readonly SilentEndpoint[],
  { signal, logger }: { readonly signal: AbortSignal; readonly logger: Logger },
): Promise<LlmEndpoint> {
  const [asleep] = silent
    .filter(({ endpoint, error }) => error.code === 'ENDPOINT_UNREACHABLE' && isOnThisMachine(endpoint))
    .toSorted((one, other) => rank(one) - rank(other));
  if (asleep === undefined)
    throw silent[0]?.error ?? new LlmError('ENDPOINT_INVALID', 'there is no endpoint');
  const { endpoint, error } = asleep;
  const start = endpoint.localServer?.start;
  if (start === undefined) throw modelWait(endpoint, 'is not running', error);
  logger.info({ endpoint: endpoint.name }, `starting the server of endpoint ${endpoint.name}`);
  try {
    await start(signal);
  } catch (cause) {
    signal.throwIfAborted();
    throw modelWait(endpoint, 'could not be started', cause);
  }
  return endpoint;
}

/** What can be started goes before what a person would have to start. */
function rank({ endpoint: { localServer, tier = 0 } }: SilentEndpoint): number {
  return localServer?.start === undefined ? Infinity : tier;
}

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

function isOnThisMachine({ baseUrl, localServer }: LlmEndpoint): boolean {
  return localServer !== undefined || LOOPBACK.test(URL.parse(baseUrl)?.hostname ?? '');
}

function modelWait({ name, model }: LlmEndpoint, problem: string, cause: unknown): LlmError {
  const message = `waiting for a model: ${model} at endpoint ${name} ${problem}`;
  return new LlmError('MODEL_WAIT', message, {
    details: { endpoints: [name], models: [model] },
    cause: toSwarmError(cause),
  });
}
