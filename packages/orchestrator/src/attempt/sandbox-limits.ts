import type { SandboxLimits, SwarmConfig } from '@agentswarm/core';

/** What the settings allow each sandbox; the backend decides about the rest. */
export function sandboxLimits({ sandboxCpuCores, sandboxMemoryMb }: SwarmConfig): SandboxLimits {
  return {
    ...(sandboxCpuCores === undefined ? {} : { cpuCores: sandboxCpuCores }),
    ...(sandboxMemoryMb === undefined ? {} : { memoryMb: sandboxMemoryMb }),
  };
}
