import type { SandboxLimit } from '@agentswarm/core';
import type { ResolvedLimits } from './default-limits.ts';

/** Node alone has about ten threads, so that threads are bounded by far more than processes. */
export const THREADS_PER_PROCESS = 16;

/** What all processes of a sandbox use together. */
export interface SandboxUsage {
  readonly processes: number;
  readonly threads: number;
  readonly cpuMs: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
  /** The limit, or more where that much was there before. */
  readonly allowedDiskBytes: number;
}

const BYTES_PER_MB = 1024 * 1024;

/** The limit that is exceeded, when one is; the one that grows fastest first. */
export function findExceeded(usage: SandboxUsage, limits: ResolvedLimits): SandboxLimit | undefined {
  if (usage.processes > limits.processes) return 'processes';
  if (usage.threads > limits.processes * THREADS_PER_PROCESS) return 'processes';
  if (usage.memoryBytes > limits.memoryMb * BYTES_PER_MB) return 'memory';
  if (usage.diskBytes > usage.allowedDiskBytes) return 'disk';
  if (limits.cpuSeconds !== undefined && usage.cpuMs > limits.cpuSeconds * 1000) return 'cpu_time';
  return undefined;
}
