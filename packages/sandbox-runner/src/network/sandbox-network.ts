import type { Logger, NetworkPolicy, SandboxSpec } from '@agentswarm/core';
import { openEgress, type Egress } from '../egress/egress-access.ts';
import { planEgress, type EgressPolicy } from '../egress/egress-policy.ts';
import type { RegistrySettings } from '../egress/registry-settings.ts';
import { SandboxError } from '../errors.ts';
import { leasePorts, OWN_PORTS, type PortRange } from './port-leases.ts';

/** What one sandbox has of the network, for as long as somebody runs commands in it. */
export interface SandboxNetwork extends AsyncDisposable {
  readonly policy: NetworkPolicy;
  /** Path of the model gateway's socket on the host, where commands may reach it. */
  readonly gatewaySocket?: string;
  /** The way out, for policies that are neither shut nor open. */
  readonly egress?: Egress;
  /** What its commands may listen on. */
  readonly ports: PortRange;
}

/** A checked network that is not open yet. */
export interface NetworkPlan {
  readonly policy: NetworkPolicy;
  readonly gatewaySocket?: string;
  readonly egress: EgressPolicy | undefined;
}

/**
 * Checks what a spec says of the network.
 *
 * @throws {SandboxError} SANDBOX_SPEC_INVALID when an allowed host is malformed, SANDBOX_SETUP_FAILED when
 * network `gateway` comes without a socket.
 */
export function planNetwork(spec: SandboxSpec, settings: RegistrySettings): NetworkPlan {
  const { network: policy = 'none', gatewaySocket } = spec;
  if (policy === 'gateway' && gatewaySocket === undefined) {
    throw new SandboxError('SANDBOX_SETUP_FAILED', 'network gateway needs the path of the gateway socket');
  }
  const hasGateway = (policy === 'gateway' || typeof policy !== 'string') && gatewaySocket !== undefined;
  return { policy, egress: planEgress(policy, settings), ...(hasGateway ? { gatewaySocket } : {}) };
}

export interface NetworkOptions {
  readonly settings: RegistrySettings;
  /** Commands do not see the loopback ports of the host, unless their network is open. */
  readonly cutsOffPorts: boolean;
  /** Holds the claims on port ranges; absent where no sandbox shares its ports with another. */
  readonly portsFolder?: string;
  readonly logger: Logger;
}

/** Starts what the plan asks for; disposing the network ends it. */
export async function openNetwork(options: NetworkOptions, plan: NetworkPlan): Promise<SandboxNetwork> {
  const { settings, cutsOffPorts, portsFolder, logger } = options;
  const { egress: policy, ...known } = plan;
  await using resources = new AsyncDisposableStack();
  const isAlone = portsFolder === undefined || (cutsOffPorts && plan.policy !== 'open');
  const ports = isAlone ? OWN_PORTS : resources.use(await leasePorts(portsFolder)).range;
  const egress =
    policy &&
    resources.use(await openEgress({ policy, managers: settings.env, bySocket: cutsOffPorts, logger }));
  const owned = resources.move();
  return {
    ...known,
    ports,
    ...(egress === undefined ? {} : { egress }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** What the backend tells every command of its network; a command's own settings do not count against it. */
export function networkEnvironment({ ports, egress }: SandboxNetwork): Record<string, string> {
  return {
    ...egress?.env,
    AGENTSWARM_PORT_FIRST: String(ports.first),
    AGENTSWARM_PORT_LAST: String(ports.last),
  };
}
