import type { CommitSha } from '@agentswarm/core';
import type { HeadFacts } from '@agentswarm/git';
import type { LandingRepository } from '../repository/landing-repository.ts';

/**
 * How waiting heads relate to the target. Asked once for many heads, and kept while only the queue itself
 * moves the target: landing one head changes what is known of another only if they share commits.
 */
export class HeadFactsCache {
  readonly #repository: Pick<LandingRepository, 'relate'>;
  readonly #facts = new Map<CommitSha, HeadFacts>();
  /** Commits the queue landed since facts were last forgotten. */
  readonly #landed = new Set<CommitSha>();

  constructor(repository: Pick<LandingRepository, 'relate'>) {
    this.#repository = repository;
  }

  /** Relates those of the heads that are not known yet. */
  async load(tip: CommitSha, heads: readonly CommitSha[]): Promise<void> {
    const unknown = [...new Set(heads)].filter((head) => !this.#facts.has(head));
    if (unknown.length === 0) return;
    for (const facts of await this.#repository.relate(tip, unknown)) this.#facts.set(facts.head, facts);
  }

  async of(tip: CommitSha, head: CommitSha): Promise<HeadFacts> {
    const known = this.#facts.get(head);
    if (known !== undefined && !known.commits.some((commit) => this.#landed.has(commit))) return known;
    const [facts] = await this.#repository.relate(tip, [head]);
    const related = facts ?? { head, relation: 'missing', commits: [], frontier: [] };
    this.#facts.set(head, related);
    return related;
  }

  /** What was last known of a head. */
  known(head: CommitSha): HeadFacts | undefined {
    return this.#facts.get(head);
  }

  /** The queue moved the target so that it has these heads. */
  landed(heads: readonly CommitSha[]): void {
    for (const head of heads) {
      for (const commit of this.#facts.get(head)?.commits ?? []) this.#landed.add(commit);
      this.#facts.delete(head);
    }
  }

  forget(head: CommitSha): void {
    this.#facts.delete(head);
  }

  /** Somebody else moved the target: nothing is known any more. */
  clear(): void {
    this.#facts.clear();
    this.#landed.clear();
  }
}
