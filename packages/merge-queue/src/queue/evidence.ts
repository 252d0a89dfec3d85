import type { CommitSha } from '@agentswarm/core';
import { soleFrontier } from '../compose/composer.ts';
import type { QueueEntry } from '../entry/queue-entry.ts';
import type { QueueContext } from './queue-context.ts';
import type { LandedTicket } from './settlement.ts';

/** Longest list of other tickets given as evidence. */
const MAX_TICKETS = 50;

/** Finds out what a branch met on the target: for people and planners who have to mend it. */
export class Evidence {
  readonly #context: Pick<QueueContext, 'settlement' | 'facts' | 'repository'>;
  readonly #written = new Map<CommitSha, ReadonlySet<string>>();

  constructor(context: Pick<QueueContext, 'settlement' | 'facts' | 'repository'>) {
    this.#context = context;
  }

  /** Tickets this queue landed after the entry was forked; the latest first. */
  landedSinceFork(entry: QueueEntry): readonly string[] {
    return this.#since(entry).map(({ ticket }) => ticket);
  }

  /** Those of them that changed one of the paths. */
  async landedOn(paths: ReadonlySet<string>, entry: QueueEntry): Promise<readonly string[]> {
    const found: string[] = [];
    for (const landing of this.#since(entry)) {
      const written = await this.#pathsOf(landing);
      if (written.intersection(paths).size > 0) found.push(landing.ticket);
    }
    return found;
  }

  #since(entry: QueueEntry): readonly LandedTicket[] {
    const { landings } = this.#context.settlement;
    const facts = this.#context.facts.known(entry.head);
    const fork = facts === undefined ? undefined : soleFrontier(facts);
    const at = landings.findLastIndex(({ commit }) => commit === fork);
    return landings
      .slice(at + 1)
      .slice(-MAX_TICKETS)
      .toReversed();
  }

  async #pathsOf({ commit }: LandedTicket): Promise<ReadonlySet<string>> {
    const known = this.#written.get(commit);
    if (known !== undefined) return known;
    const { repository } = this.#context;
    const [parent] = await repository.parentsOf(commit);
    const changes = parent === undefined ? [] : await repository.diff(parent, commit);
    const paths = new Set(changes.map(({ path }) => path));
    this.#written.set(commit, paths);
    return paths;
  }
}
