import { existsSync } from 'node:fs';
import type { SandboxSpec } from '@agentswarm/core';

type RecordedSpec = Omit<SandboxSpec, 'labels' | 'secrets'>;

/** The gateway of an owner that died is gone with it. */
export function withLivingGateway(spec: RecordedSpec): RecordedSpec {
  const { gatewaySocket, ...others } = spec;
  if (gatewaySocket === undefined || existsSync(gatewaySocket)) return spec;
  return others.network === 'gateway' ? { ...others, network: 'none' } : others;
}
