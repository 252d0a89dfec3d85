import type { SandboxLimits } from '@agentswarm/core';
import { SandboxError } from '../errors.ts';

/** The bounds of a sandbox whose spec and backend name none. Processor time has none: commands have time limits. */
const DEFAULT_LIMITS = {
  /** Of the machine's memory. Two bombs at once still leave it to the system to choose, and it takes sandboxes first. */
  memoryShare: 0.5,
  processes: 512,
  diskMb: 10 * 1024,
} as const;

/** All bounds of one sandbox. */
export interface ResolvedLimits {
  /** Absent where the machine has no more than allowed. */
  readonly cpuCores?: number;
  readonly cpuSeconds?: number;
  readonly memoryMb: number;
  readonly diskMb: number;
  readonly fileMb: number;
  readonly processes: number;
}

export interface MachineSize {
  readonly memoryMb: number;
  readonly cores: number;
}

/**
 * Decides the bounds of a sandbox: what its spec asks for, else what its backend does, else the default.
 *
 * @throws {SandboxError} SANDBOX_SETUP_FAILED for a bound that is no positive number.
 */
export function resolveLimits(
  asked: SandboxLimits,
  backend: SandboxLimits,
  machine: MachineSize,
): ResolvedLimits {
  const wanted = { ...backend, ...asked };
  for (const [name, value] of Object.entries(wanted)) {
    if (Number.isFinite(value) && value > 0) continue;
    throw new SandboxError('SANDBOX_SETUP_FAILED', `the limit ${name} must be a positive number`, {
      details: { limit: name, value: String(value) },
    });
  }
  const { cpuCores, cpuSeconds, diskMb = DEFAULT_LIMITS.diskMb } = wanted;
  return {
    ...(cpuCores === undefined || cpuCores >= machine.cores ? {} : { cpuCores }),
    ...(cpuSeconds === undefined ? {} : { cpuSeconds }),
    memoryMb: wanted.memoryMb ?? Math.floor(machine.memoryMb * DEFAULT_LIMITS.memoryShare),
    diskMb,
    fileMb: Math.min(wanted.fileMb ?? diskMb, diskMb),
    processes: wanted.processes ?? DEFAULT_LIMITS.processes,
  };
}
