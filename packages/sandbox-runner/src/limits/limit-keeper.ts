import type { Logger, SandboxLimits } from '@agentswarm/core';
import { createCoreRotation, parseCoreList } from './core-rotation.ts';
import { resolveLimits, type ResolvedLimits } from './default-limits.ts';
import { readMachineSize } from './machine-size.ts';
import { readSmallFile } from './read-proc.ts';
import { createWatchdog, type Watchdog } from './watchdog.ts';

/** The bounds of one sandbox, decided once. */
export interface SandboxBounds {
  readonly limits: ResolvedLimits;
  /** Those it may use, when not all. */
  readonly cores: readonly number[] | undefined;
}

/** Decides the bounds of the sandboxes of a backend and sees to it that they are kept. */
export interface LimitKeeper extends Watchdog {
  /** @throws {SandboxError} SANDBOX_SETUP_FAILED for a limit that is no positive number. */
  boundsFor(asked: SandboxLimits | undefined): SandboxBounds;
}

export function createLimitKeeper(options: {
  /** Folder of the sandboxes. */
  readonly root: string;
  readonly defaults: SandboxLimits;
  readonly logger: Logger;
}): LimitKeeper {
  const machine = readMachineSize();
  const watchdog = createWatchdog(options);
  const rotation = createCoreRotation(process.platform === 'linux' ? readUsableCores() : []);
  return {
    boundsFor: (asked = {}) => {
      const limits = resolveLimits(asked, options.defaults, machine);
      return { limits, cores: rotation.take(limits.cpuCores) };
    },
    watch: (sandbox) => watchdog.watch(sandbox),
  };
}

function readUsableCores(): number[] {
  return parseCoreList(/^Cpus_allowed_list:\s*(\S+)$/m.exec(readSmallFile('/proc/self/status'))?.[1] ?? '');
}
