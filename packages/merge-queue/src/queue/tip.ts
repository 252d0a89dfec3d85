import type { CommitSha } from '@agentswarm/core';
import type { LandingRepository } from '../repository/landing-repository.ts';

/** A commit with its tree. */
export interface Tip {
  readonly commit: CommitSha;
  readonly tree: CommitSha;
}

/** The target as last read, and whether that can still be relied on. */
export class TipReader {
  readonly #repository: LandingRepository;
  #tip: Tip | undefined;
  #fresh = false;

  constructor(repository: LandingRepository) {
    this.#repository = repository;
  }

  /** Reads the target if it may have moved; `moved` tells that somebody else has moved it since the last time. */
  async read(signal: AbortSignal): Promise<{ readonly tip: Tip; readonly moved: boolean }> {
    const known = this.#tip;
    if (known !== undefined && this.#fresh) return { tip: known, moved: false };
    const commit = await this.#repository.tip(signal);
    this.#fresh = true;
    if (commit === known?.commit) return { tip: known, moved: false };
    this.#tip = { commit, tree: await this.#repository.treeOf(commit) };
    return { tip: this.#tip, moved: known !== undefined };
  }

  /** Where it was when last read or moved. */
  get known(): CommitSha | undefined {
    return this.#tip?.commit;
  }

  /** We moved it. */
  set(tip: Tip): void {
    this.#tip = tip;
    this.#fresh = true;
  }

  /** It may have moved: the next read looks. */
  doubt(): void {
    this.#fresh = false;
  }
}
