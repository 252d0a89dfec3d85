import type { GatewayAddress, Sandbox, SandboxSpec, SwarmConfig } from '@agentswarm/core';
import type { Grant, TcpAddress } from '@agentswarm/llm-client';
import { OrchestratorError } from '../errors.ts';

type Settings = Pick<SwarmConfig, 'gatewayUrl' | 'gatewayPort'>;

/** Where the gateway of a run listens besides its socket: on loopback, for what leads an address there. */
export function planGatewayPort({ gatewayUrl, gatewayPort }: Settings): TcpAddress | undefined {
  if (gatewayUrl === undefined) return undefined;
  return { host: '127.0.0.1', port: gatewayPort, names: [new URL(gatewayUrl).host] };
}

/** What the sandbox of an attempt reaches: the gateway, and nothing else. */
export function planGatewayWay(
  { gatewayUrl }: Settings,
  { socketPath }: Pick<Grant, 'socketPath'>,
): Pick<SandboxSpec, 'network' | 'gatewaySocket'> {
  if (gatewayUrl === undefined) return { network: 'gateway', gatewaySocket: socketPath };
  return { network: { allow: [new URL(gatewayUrl).host] } };
}

/**
 * Where a worker in the sandbox finds the gateway.
 *
 * @throws {OrchestratorError} GATEWAY_UNREACHABLE.
 */
export function gatewayAddress(
  { gatewayUrl }: Settings,
  { id, gateway }: Pick<Sandbox, 'id' | 'gateway'>,
): GatewayAddress {
  if (gatewayUrl !== undefined) return { kind: 'url', url: gatewayUrl };
  if (gateway !== undefined) return gateway;
  throw new OrchestratorError('GATEWAY_UNREACHABLE', `sandbox ${id} has no way to the model gateway`);
}
