import type { Logger, SandboxSpec } from '@agentswarm/core';
import { watchLifetime, type Lifetime } from './lifetime.ts';
import type { SandboxHold } from './sandbox-hold.ts';
import type { MachineTime } from '../process/machine-time.ts';

export interface WatchHoldOptions {
  readonly id: string;
  readonly hold: SandboxHold;
  readonly spec: Pick<SandboxSpec, 'idleTimeoutMs'>;
  readonly isBusy: () => Promise<boolean>;
  /** Ends the sandbox, whose time is over. */
  readonly end: () => Promise<void>;
  readonly time: MachineTime;
  readonly logger: Logger;
}

/** Ends a sandbox when its time is over. Undefined for a guest, since its owner does that. */
export function watchHold(options: WatchHoldOptions): Lifetime | undefined {
  const { id, hold, spec, isBusy, time, logger } = options;
  if (hold.isGuest) return undefined;
  return watchLifetime({
    time,
    wallLeftMs: () => hold.wallLeftMs(),
    ...(spec.idleTimeoutMs === undefined ? {} : { idleTimeoutMs: spec.idleTimeoutMs }),
    isBusy,
    onOver: (why) => {
      logger.warn({ sandbox: id }, `sandbox ended at its ${why} time limit`);
      options.end().catch((error: unknown) => {
        logger.error({ sandbox: id, error }, 'sandbox could not be removed');
      });
    },
    onProblem: (error) => logger.error({ sandbox: id, error }, 'the time of a sandbox is not watched'),
  });
}
