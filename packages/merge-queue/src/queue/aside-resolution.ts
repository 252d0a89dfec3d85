import { toSwarmError } from '@agentswarm/core';
import type { QueueEntry } from '../entry/queue-entry.ts';
import type { QueueContext } from './queue-context.ts';
import type { Tip } from './tip.ts';

/** How often one branch may go through resolvers that take longer: the target moves on meanwhile. */
const MAX_ROUNDS = 8;

interface Resolving {
  readonly abort: AbortController;
  readonly settled: Promise<void>;
}

/** Resolvers that take longer work beside the line; what they found is used when the branch is composed again. */
export class AsideResolution {
  readonly #context: QueueContext;
  readonly #resolving = new Map<string, Resolving>();
  readonly #rounds = new Map<string, number>();
  readonly #tickets = new Set<string>();

  constructor(context: QueueContext) {
    this.#context = context;
  }

  /** Tickets being worked on. */
  get tickets(): ReadonlySet<string> {
    return this.#tickets;
  }

  /** Starts work on an entry that conflicts with the tip; false when it has been worked on often enough. */
  start(entry: QueueEntry, tip: Tip): boolean {
    const { ticket } = entry;
    const rounds = (this.#rounds.get(ticket) ?? 0) + 1;
    if (rounds > MAX_ROUNDS) return false;
    this.#rounds.set(ticket, rounds);
    const abort = new AbortController();
    this.#tickets.add(ticket);
    const settled = this.#resolve(entry, tip, abort.signal).finally(() => {
      this.#tickets.delete(ticket);
      this.#resolving.delete(ticket);
      this.#context.wake();
    });
    this.#resolving.set(ticket, { abort, settled });
    return true;
  }

  cancel(ticket: string): void {
    this.#resolving.get(ticket)?.abort.abort();
  }

  async stop(): Promise<void> {
    for (const ticket of this.#resolving.keys()) this.cancel(ticket);
    await Promise.all([...this.#resolving.values()].map(({ settled }) => settled));
  }

  async #resolve(entry: QueueEntry, tip: Tip, signal: AbortSignal): Promise<void> {
    try {
      await this.#context.composer.resolveAside(entry, tip.commit, signal);
    } catch (error) {
      if (signal.aborted) return;
      // A resolver that cannot work has declined; the branch is then composed without its help.
      this.#context.logger.warn(
        { ticket: entry.ticket, error: toSwarmError(error).message },
        'conflicts could not be worked on',
      );
    }
  }
}
