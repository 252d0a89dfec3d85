import { randomBytes } from 'node:crypto';
import type { Sandbox } from '@agentswarm/core';
import { SandboxError } from '../errors.ts';

/** A handle that others can stand beside. */
export interface SharedHandle extends Sandbox {
  /** Another handle on the same sandbox, which it outlives. */
  guest(): Sandbox;
}

/** A handle on a sandbox that existed, and whether this process holds the sandbox by it. */
export interface AttachedHandle<S> {
  readonly sandbox: S;
  readonly isOwner: boolean;
}

/** The handles of one backend: those that hold a sandbox, those on sandboxes of others, those being made. */
export class OpenHandles<S extends SharedHandle> {
  readonly #live = new Map<string, S>();
  readonly #guests = new Set<S>();
  readonly #opening = new Set<Promise<S>>();
  readonly #closing = new AbortController();

  /** Aborted when the backend closes. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** The handle that holds a sandbox for this backend. */
  own(id: string): S | undefined {
    return this.#live.get(id);
  }

  [Symbol.iterator](): Iterator<S> {
    return [...this.#live.values(), ...this.#guests][Symbol.iterator]();
  }

  /** This backend holds the sandbox no more. */
  forget(id: string): void {
    this.#live.delete(id);
  }

  /** Makes a sandbox under a new id and holds it; aborted, it leaves none. */
  create(signal: AbortSignal, make: (id: string) => Promise<S>): Promise<S> {
    return this.#awaited(async () => {
      signal.throwIfAborted();
      const id = `sbx-${randomBytes(8).toString('hex')}`;
      const sandbox = await make(id);
      this.#live.set(id, sandbox);
      if (!signal.aborted) return sandbox;
      await sandbox.terminate();
      throw signal.reason;
    });
  }

  /** Opens a sandbox that exists. `open` is given what is to be called when the handle is given up. */
  async attach(
    id: string,
    open: (onDetached: (id: string) => void) => Promise<AttachedHandle<S>>,
  ): Promise<Sandbox> {
    this.closing.throwIfAborted();
    const own = this.#live.get(id);
    if (own !== undefined) return own.guest();
    return this.#awaited(async () => {
      let guest: S | undefined;
      const { sandbox, isOwner } = await open((given) => {
        if (guest === undefined) this.forget(given);
        else this.#guests.delete(guest);
      });
      if (isOwner) this.#live.set(id, sandbox);
      else this.#guests.add((guest = sandbox));
      return sandbox;
    });
  }

  /** Ends what is held, gives up the rest, and opens nothing any more. Gives what failed. */
  async close(): Promise<readonly unknown[]> {
    this.#closing.abort(new SandboxError('SANDBOX_TERMINATED', 'the backend was closed'));
    // Those under way give up, or become part of what is to be ended.
    await Promise.allSettled(this.#opening);
    return failuresOf([
      ...[...this.#live.values()].map((sandbox) => sandbox.terminate()),
      ...[...this.#guests].map((guest) => guest[Symbol.asyncDispose]()),
    ]);
  }

  /** Lets the end of the backend wait for a handle. */
  #awaited(open: () => Promise<S>): Promise<S> {
    const opening = open();
    this.#opening.add(opening);
    const forget = () => void this.#opening.delete(opening);
    opening.then(forget, forget);
    return opening;
  }
}

/** Waits for all and gives why some failed. */
export async function failuresOf(endings: readonly PromiseLike<unknown>[]): Promise<readonly unknown[]> {
  return (await Promise.allSettled(endings)).flatMap((ending) =>
    ending.status === 'rejected' ? [ending.reason as unknown] : [],
  );
}

/** @throws {AggregateError} where something failed */
export function requireClosed(failures: readonly unknown[]): void {
  if (failures.length > 0) throw new AggregateError(failures, 'the backend could not be closed completely');
}
