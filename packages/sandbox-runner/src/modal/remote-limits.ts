import type { SandboxLimits } from '@agentswarm/core';
import { resolveLimits, type ResolvedLimits } from '../limits/default-limits.ts';
import type { MethodParams } from './protocol/messages.ts';

const DEFAULT_LIMITS = { cpuCores: 4, memoryMb: 8 * 1024 } as const;
/** The cloud has whatever is asked for. */
const CLOUD = { cores: Number.POSITIVE_INFINITY, memoryMb: Number.POSITIVE_INFINITY };

/** What is reserved and paid for even if nothing runs; more is used, and paid for, as it is needed. */
const RESERVED = { cpuCores: 0.5, memoryMb: 512 } as const;
/** For the guard, and so that it finds out before the cloud ends the whole sandbox. */
const MEMORY_BESIDE_MB = 512;

/** The bounds of a remote sandbox. @throws {SandboxError} SANDBOX_SETUP_FAILED for one that is no positive number. */
export function remoteLimits(asked: SandboxLimits = {}, backend: SandboxLimits = {}): ResolvedLimits {
  return resolveLimits(asked, { ...DEFAULT_LIMITS, ...backend }, CLOUD);
}

/** What the cloud is asked to reserve, and to allow. */
export function requestResources({
  cpuCores = DEFAULT_LIMITS.cpuCores,
  memoryMb,
}: ResolvedLimits): Pick<MethodParams<'sandbox.create'>, 'cpu' | 'memoryMb'> {
  const mostMb = Math.ceil(memoryMb) + MEMORY_BESIDE_MB;
  return {
    cpu: { request: Math.min(RESERVED.cpuCores, cpuCores), limit: cpuCores },
    memoryMb: { request: Math.min(RESERVED.memoryMb, mostMb), limit: mostMb },
  };
}
