import type { Logger } from '@agentswarm/core';
import type { MachineTime } from '../../process/machine-time.ts';
import { LEASE_MS, type Cloud, type NamedSandbox } from './cloud.ts';

/** Several may fail before a lease runs out. */
const RENEW_MS = 5 * 60_000;

/** Says again and again that somebody takes care of sandboxes. Disposing it ends that. */
export interface Leases extends AsyncDisposable {
  hold(sandbox: NamedSandbox): void;
  /** Resolves when nothing more will be said of a sandbox. */
  drop(id: string): Promise<void>;
}

export function createLeases(options: {
  readonly cloud: Pick<Cloud, 'claim'>;
  readonly time: MachineTime;
  readonly logger: Logger;
}): Leases {
  const { cloud, time, logger } = options;
  const held = new Map<string, NamedSandbox>();
  const closing = new AbortController();
  const renewing = new Map<string, Promise<void>>();
  let watching: Promise<void> | undefined;

  const renew = async (sandbox: NamedSandbox) => {
    try {
      await cloud.claim(sandbox, { kind: 'leased', untilMs: time.nowMs() + LEASE_MS });
    } catch (error) {
      logger.warn({ sandbox: sandbox.id, error }, 'the lease of a sandbox could not be renewed');
    } finally {
      renewing.delete(sandbox.id);
    }
  };
  // One that gets no answer costs no other its lease.
  const renewAll = () => {
    for (const [id, sandbox] of held) if (!renewing.has(id)) renewing.set(id, renew(sandbox));
  };
  const watch = async () => {
    try {
      for (;;) {
        await time.sleep(RENEW_MS, closing.signal);
        renewAll();
      }
    } catch (error) {
      if (!closing.signal.aborted) throw error;
    }
  };
  return {
    hold: (sandbox) => {
      held.set(sandbox.id, sandbox);
      watching ??= watch();
    },
    drop: async (id) => {
      held.delete(id);
      await renewing.get(id);
    },
    [Symbol.asyncDispose]: async () => {
      held.clear();
      closing.abort();
      await watching;
    },
  };
}
