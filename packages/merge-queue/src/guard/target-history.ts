import type { CommitSha } from '@agentswarm/core';
import type { BlobVersion } from '@agentswarm/git';
import type { LandingRepository } from '../repository/landing-repository.ts';

/** How far back older versions are remembered, in first-parent commits of the target. */
const MAX_COMMITS = 300;

/** What stood at a path when nothing did. */
const NOTHING = 'nothing';

type Reader = Pick<LandingRepository, 'diff' | 'parentsOf'>;

/** Versions the target had earlier, path by path. Read once and then only what was landed since. */
export class TargetHistory {
  readonly #repository: Reader;
  readonly #older = new Map<string, Set<string>>();
  readonly #read = new Set<CommitSha>();

  constructor(repository: Reader) {
    this.#repository = repository;
  }

  /** Reads the history of a tip as far as it is not known yet. */
  async load(tip: CommitSha): Promise<void> {
    let commit: CommitSha | undefined = tip;
    for (let count = 0; commit !== undefined && count < MAX_COMMITS && !this.#read.has(commit); count += 1) {
      const [parent]: readonly CommitSha[] = await this.#repository.parentsOf(commit);
      if (parent !== undefined) {
        for (const { path, before } of await this.#repository.diff(parent, commit))
          this.#remember(path, before);
      }
      this.#read.add(commit);
      commit = parent;
    }
  }

  /** Whether a path had this version, or nothing, before it was changed. */
  had(path: string, version: BlobVersion | undefined): boolean {
    return this.#older.get(path)?.has(version?.object ?? NOTHING) === true;
  }

  #remember(path: string, version: BlobVersion | undefined): void {
    const known = this.#older.get(path) ?? new Set();
    known.add(version?.object ?? NOTHING);
    this.#older.set(path, known);
  }
}
