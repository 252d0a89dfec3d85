import { toSwarmError, type CommitSha, type Logger } from '@agentswarm/core';
import type { QueueEntry } from '../entry/queue-entry.ts';
import type { Tip } from './tip.ts';

/** How often one branch may go through resolvers that take longer: the target moves on meanwhile. */
const MAX_ROUNDS = 8;
/** Branches worked on at once. */
const MAX_AT_ONCE = 4;

interface Resolving {
  readonly paths: ReadonlySet<string>;
  readonly abort: AbortController;
  readonly settled: Promise<void>;
}

export interface AsideOptions {
  readonly resolve: (entry: QueueEntry, tip: CommitSha, signal: AbortSignal) => Promise<void>;
  readonly logger: Logger;
  /** Called when a branch has been worked on. */
  readonly onDone: () => void;
}

/**
 * Resolvers that take longer work beside the line; what they found is used when the branch is composed
 * again. Branches that need the same path decided come one after another: each landing changes the
 * question.
 */
export class AsideResolution {
  readonly #options: AsideOptions;
  readonly #resolving = new Map<string, Resolving>();
  readonly #rounds = new Map<string, number>();
  readonly #tickets = new Set<string>();

  constructor(options: AsideOptions) {
    this.#options = options;
  }

  /** Tickets being worked on. */
  get tickets(): ReadonlySet<string> {
    return this.#tickets;
  }

  /** Whether a ticket has not been worked on too often yet. */
  isWilling(ticket: string): boolean {
    return (this.#rounds.get(ticket) ?? 0) < MAX_ROUNDS;
  }

  /** Starts work on an entry and the tip, or gives the tickets whose outcome it has to wait for. */
  start(entry: QueueEntry, paths: readonly string[], tip: Tip): readonly string[] {
    const { ticket } = entry;
    const wanted = new Set(paths);
    const rivals = [...this.#resolving].filter(([, other]) => !other.paths.isDisjointFrom(wanted));
    if (rivals.length > 0) return rivals.map(([other]) => other);
    if (this.#resolving.size >= MAX_AT_ONCE) return [...this.#resolving.keys()];
    this.#rounds.set(ticket, (this.#rounds.get(ticket) ?? 0) + 1);
    const abort = new AbortController();
    this.#tickets.add(ticket);
    const settled = this.#resolve(entry, tip, abort.signal).finally(() => {
      this.#tickets.delete(ticket);
      this.#resolving.delete(ticket);
      this.#options.onDone();
    });
    this.#resolving.set(ticket, { paths: wanted, abort, settled });
    return [];
  }

  cancel(ticket: string): void {
    this.#resolving.get(ticket)?.abort.abort();
  }

  async stop(): Promise<void> {
    for (const ticket of this.#resolving.keys()) this.cancel(ticket);
    await Promise.all([...this.#resolving.values()].map(({ settled }) => settled));
  }

  async #resolve(entry: QueueEntry, tip: Tip, signal: AbortSignal): Promise<void> {
    const { resolve, logger } = this.#options;
    try {
      await resolve(entry, tip.commit, signal);
    } catch (error) {
      if (signal.aborted) return;
      // A resolver that cannot work has declined; the branch is then composed without its help.
      logger.warn(
        { ticket: entry.ticket, error: toSwarmError(error).message },
        'conflicts could not be worked on',
      );
    }
  }
}
