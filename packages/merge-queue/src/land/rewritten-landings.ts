import type { CommitSha } from '@agentswarm/core';
import type { HeadFacts } from '@agentswarm/git';
import { soleFrontier } from '../compose/composer.ts';
import { headOfMessage } from '../compose/messages.ts';
import type { LandingRepository } from '../repository/landing-repository.ts';

/** Finds branches whose commits were rewritten when they landed: only the trailers still name their heads. */
export class RewrittenLandings {
  readonly #repository: Pick<LandingRepository, 'firstParents' | 'messageOf'>;
  readonly #heads = new Map<CommitSha, string | undefined>();

  constructor(repository: Pick<LandingRepository, 'firstParents' | 'messageOf'>) {
    this.#repository = repository;
  }

  /** The last of a head's rewritten commits on the tip, when they are there. */
  async find(facts: HeadFacts, tip: CommitSha): Promise<CommitSha | undefined> {
    const fork = soleFrontier(facts);
    if (fork === undefined) return undefined;
    for (const { commit } of await this.#repository.firstParents(fork, tip)) {
      if ((await this.#headOf(commit)) === facts.head) return commit;
    }
    return undefined;
  }

  async #headOf(commit: CommitSha): Promise<string | undefined> {
    if (!this.#heads.has(commit)) {
      this.#heads.set(commit, headOfMessage(await this.#repository.messageOf(commit)));
    }
    return this.#heads.get(commit);
  }
}
