import { isSwarmError, type Logger, type Sandbox, type SandboxBackend } from '@agentswarm/core';
import type { MachineTime } from '../process/machine-time.ts';

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 5_000;

/** Whether an error says nothing about the sandbox, only about the way to it. */
export function isLost(error: unknown): boolean {
  return isSwarmError(error) && error.traits.kind === 'transient' && error.traits.retryable;
}

/** How long to wait after so many failures in a row. */
export function waitAfter(failures: number): number {
  return Math.min(FIRST_WAIT_MS * 2 ** Math.min(failures - 1, 20), LONGEST_WAIT_MS);
}

/** The way to a sandbox, found again when it breaks. */
export interface Connection {
  /** The handle of this moment. */
  current(): Sandbox;
  /**
   * Does something with the sandbox; with a new handle and again when the connection breaks meanwhile.
   * Contract: doing it twice does no harm.
   *
   * @throws what `action` throws, and what attaching failed with once patience is over.
   */
  use<T>(action: (sandbox: Sandbox) => Promise<T>): Promise<T>;
  /** Puts a new handle in the place of one that broke, unless somebody did already. */
  renew(broken: Sandbox): Promise<void>;
}

export interface ConnectionOptions {
  readonly backend: SandboxBackend;
  readonly sandbox: Sandbox;
  readonly time: MachineTime;
  /** For how long a sandbox that cannot be reached is looked for. */
  readonly patienceMs: number;
  readonly logger: Logger;
}

export function createConnection(options: ConnectionOptions): Connection {
  const { backend, time, patienceMs, logger } = options;
  const { id } = options.sandbox;
  let current = options.sandbox;
  let renewing: Promise<void> | undefined;

  const attach = async () => {
    current = await attachPatiently(() => backend.attach(id), { time, patienceMs });
    logger.info({ sandbox: id }, 'attached to a sandbox again');
  };
  const renew = async (broken: Sandbox) => {
    if (broken !== current) return;
    renewing ??= attach().finally(() => (renewing = undefined));
    await renewing;
  };
  return {
    current: () => current,
    renew,
    use: async (action) => {
      const startedMs = time.steadyMs();
      for (let failures = 1; ; failures++) {
        const sandbox = current;
        try {
          return await action(sandbox);
        } catch (error) {
          if (!isLost(error) || time.steadyMs() - startedMs > patienceMs) throw error;
          logger.warn({ sandbox: id, error }, 'the connection to a sandbox was lost');
          await time.sleep(waitAfter(failures));
          await renew(sandbox);
        }
      }
    },
  };
}

/** Attaches, again and again while the backend cannot be reached. */
export async function attachPatiently(
  attach: () => Promise<Sandbox>,
  { time, patienceMs }: { readonly time: MachineTime; readonly patienceMs: number },
): Promise<Sandbox> {
  const startedMs = time.steadyMs();
  for (let failures = 1; ; failures++) {
    try {
      return await attach();
    } catch (error) {
      if (!isLost(error) || time.steadyMs() - startedMs > patienceMs) throw error;
      await time.sleep(waitAfter(failures));
    }
  }
}
