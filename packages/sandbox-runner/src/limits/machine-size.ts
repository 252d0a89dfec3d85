import { availableParallelism, totalmem } from 'node:os';
import type { MachineSize } from './default-limits.ts';

const BYTES_PER_MB = 1024 * 1024;

/** What this process may use of the machine: less than the machine has, inside a container. */
export function readMachineSize(): MachineSize {
  // 0 where nothing constrains the process.
  const constrained = process.constrainedMemory() || Number.POSITIVE_INFINITY;
  return {
    memoryMb: Math.floor(Math.min(totalmem(), constrained) / BYTES_PER_MB),
    cores: availableParallelism(),
  };
}
