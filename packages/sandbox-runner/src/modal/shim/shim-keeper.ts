import type { Logger } from '@agentswarm/core';
import { SandboxError } from '../../errors.ts';
import type { MachineTime } from '../../process/machine-time.ts';
import { isSandboxGone } from './explain-failure.ts';
import type { ShimConnection } from './shim-connection.ts';
import type { ShimProcess } from './shim-process.ts';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** A shim that lived this long died of something new. */
const STEADY_MS = 60_000;

export interface ShimKeeperOptions {
  /** Starts a shim, complete; aborted when none is needed any more. */
  readonly open: (signal: AbortSignal) => Promise<ShimProcess>;
  readonly time: MachineTime;
  readonly logger: Logger;
}

/** Sees to it that there is a shim when one is needed. Disposing it ends the shim in order; sandboxes stay. */
export interface ShimKeeper extends AsyncDisposable {
  /**
   * The connection to a shim that lives.
   *
   * @throws {SandboxError} retryably when none can be had now; else why there never will be one
   */
  connect(): Promise<ShimConnection>;
  /**
   * The same, to a shim that knows a sandbox by now.
   *
   * @throws {SandboxError} also SANDBOX_TERMINATED when the sandbox has ended
   */
  connectTo(remoteId: string): Promise<ShimConnection>;
  /** The sandbox was made by the shim at the other end. */
  knows(connection: ShimConnection, remoteId: string): void;
}

interface Living {
  readonly shim: ShimProcess;
  /** Sandboxes it knows, or is just told of. */
  readonly attached: Map<string, Promise<void>>;
}

export function createShimKeeper(options: ShimKeeperOptions): ShimKeeper {
  return new Keeper(options);
}

class Keeper implements ShimKeeper {
  readonly #options: ShimKeeperOptions;
  readonly #closing = new AbortController();
  readonly #living = new WeakMap<ShimConnection, Living>();
  #current: Promise<Living> | undefined;
  /** Ends in a row that came too soon. */
  #failures = 0;
  #hopeless: SandboxError | undefined;

  constructor(options: ShimKeeperOptions) {
    this.#options = options;
  }

  async connect(): Promise<ShimConnection> {
    return (await this.#get()).shim.connection;
  }

  async connectTo(remoteId: string): Promise<ShimConnection> {
    const { shim, attached } = await this.#get();
    let attaching = attached.get(remoteId);
    if (attaching === undefined) {
      attaching = attach(shim.connection, remoteId);
      attached.set(remoteId, attaching);
    }
    try {
      await attaching;
    } catch (error) {
      attached.delete(remoteId);
      throw error;
    }
    return shim.connection;
  }

  knows(connection: ShimConnection, remoteId: string): void {
    this.#living.get(connection)?.attached.set(remoteId, Promise.resolve());
  }

  async #get(): Promise<Living> {
    this.#closing.signal.throwIfAborted();
    if (this.#hopeless !== undefined) throw this.#hopeless;
    this.#current ??= this.#start();
    return this.#current;
  }

  async #start(): Promise<Living> {
    const { open, time, logger } = this.#options;
    try {
      if (this.#failures > 0) await time.sleep(pauseMs(this.#failures), this.#closing.signal);
      const shim = await open(this.#closing.signal);
      const startedAtMs = time.steadyMs();
      const living: Living = { shim, attached: new Map() };
      this.#living.set(shim.connection, living);
      const ended = () => this.#forget(time.steadyMs() - startedAtMs);
      shim.ended.then(ended, ended);
      return living;
    } catch (error) {
      this.#forget(0);
      const isFinal = error instanceof SandboxError && !error.traits.retryable;
      if (isFinal && !this.#closing.signal.aborted) this.#hopeless = error;
      logger.warn({ error }, 'no Modal shim could be started');
      throw error;
    }
  }

  #forget(livedMs: number): void {
    this.#current = undefined;
    this.#failures = livedMs >= STEADY_MS ? 1 : this.#failures + 1;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const current = this.#current;
    this.#closing.abort(new SandboxError('SANDBOX_TERMINATED', 'the backend was closed'));
    // One that did not start has nothing to be ended; whoever asked for it heard why.
    const [start] = await Promise.allSettled([current]);
    if (start.status === 'rejected' || start.value === undefined) return;
    const living = start.value;
    try {
      await living.shim.close('leave');
    } finally {
      await living.shim[Symbol.asyncDispose]();
    }
  }
}

function pauseMs(failures: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);
}

async function attach(connection: ShimConnection, remoteId: string): Promise<void> {
  const ended = (cause?: unknown) =>
    new SandboxError('SANDBOX_TERMINATED', `the sandbox ${remoteId} has ended`, { cause });
  const { running } = await connection
    .call('sandbox.attach', { sandboxId: remoteId })
    .catch((error: unknown) => {
      throw isSandboxGone(error) ? ended(error) : error;
    });
  if (!running) throw ended();
}
