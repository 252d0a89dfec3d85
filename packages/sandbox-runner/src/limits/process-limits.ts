import type { SandboxLimits } from '@agentswarm/core';

/** Of one process; what it can do with more is cost the kernel memory that nobody accounts for. */
const MAX_OPEN_FILES = 16_384;
/** So that reaching the bound is found by whoever names it, and the kernel is only the second line. */
const CPU_GRACE_SECONDS = 5;

/** What the kernel is told to let each process have. */
export interface ProcessLimits {
  readonly fileMb?: number;
  readonly cpuSeconds?: number;
  readonly openFiles: number;
}

/** The bounds of a sandbox that the kernel can keep for each of its processes. */
export function planProcessLimits({
  fileMb,
  cpuSeconds,
}: Pick<SandboxLimits, 'fileMb' | 'cpuSeconds'>): ProcessLimits {
  return {
    ...(fileMb === undefined ? {} : { fileMb }),
    ...(cpuSeconds === undefined ? {} : { cpuSeconds: Math.ceil(cpuSeconds) + CPU_GRACE_SECONDS }),
    openFiles: MAX_OPEN_FILES,
  };
}
