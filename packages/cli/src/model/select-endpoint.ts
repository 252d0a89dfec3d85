import type { LlmEndpoint } from '@agentswarm/llm-client';
import { CliError } from '../errors.ts';

/** The endpoint of a name. @throws {CliError} CLI_ENDPOINT_UNKNOWN naming those there are. */
export function selectEndpoint(endpoints: readonly LlmEndpoint[], name: string): LlmEndpoint {
  const found = endpoints.find((endpoint) => endpoint.name === name);
  if (found !== undefined) return found;
  const names = endpoints.map((endpoint) => endpoint.name);
  throw new CliError(
    'CLI_ENDPOINT_UNKNOWN',
    `no endpoint is called "${name}"; there are: ${names.join(', ')}`,
    { details: { name, endpoints: names } },
  );
}
