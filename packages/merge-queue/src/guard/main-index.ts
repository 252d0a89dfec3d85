import type { CommitSha } from '@agentswarm/core';
import type { TreeChange } from '@agentswarm/git';
import type { MainStep } from './branch-facts.ts';
import type { BranchSource } from './branch-source.ts';
import { foldName, prefixesOf } from './path-names.ts';

/** First-parent commits of main whose values count as older ones. */
const WINDOW_COMMITS = 1_000;

/**
 * What main has and had: its names, and what its first-parent history replaced. Reads the whole once;
 * a main that moved on costs a comparison for each new commit.
 */
export class MainIndex {
  readonly #source: Pick<BranchSource, 'diff' | 'parentsOf' | 'pathsOf'>;
  readonly #windowCommits: number;
  /** The window, oldest first. */
  #history: { readonly commit: CommitSha; readonly changes: readonly TreeChange[] }[] = [];
  readonly #steps = new Map<string, MainStep[]>();
  readonly #spellings = new Map<string, Map<string, number>>();
  #tip: CommitSha | undefined;

  constructor(source: Pick<BranchSource, 'diff' | 'parentsOf' | 'pathsOf'>, windowCommits = WINDOW_COMMITS) {
    this.#source = source;
    this.#windowCommits = windowCommits;
  }

  /** Brings the index to a tip. Calls must not overlap. */
  async moveTo(tip: CommitSha): Promise<void> {
    if (tip === this.#tip) return;
    const { commits, meets } = await this.#newCommits(tip);
    const names = meets ? [] : await this.#source.pathsOf(tip);
    // Nothing is awaited from here on: an index that failed half-way would be wrong for ever.
    if (!meets) this.#reset(names);
    for (const { commit, changes } of commits.toReversed()) {
      this.#history.push({ commit, changes });
      for (const change of changes) {
        this.#stepsAt(change.path).push(stepOf(change));
        if (meets) this.#count(change.path, growthOf(change));
      }
    }
    this.#forgetOldest();
    this.#tip = tip;
  }

  /** What main replaced at a path, oldest first; the last `after` is what it has now. */
  stepsAt(path: string): readonly MainStep[] {
    return this.#steps.get(path) ?? [];
  }

  /** How main spells a folded name, with the number of files. */
  spellingsOf(folded: string): ReadonlyMap<string, number> {
    return this.#spellings.get(folded) ?? new Map();
  }

  /** First-parent commits from the tip back to the one already known, or as many as the window takes; newest first. */
  async #newCommits(tip: CommitSha) {
    const pairs: { readonly commit: CommitSha; readonly parent: CommitSha }[] = [];
    let at: CommitSha | undefined = tip;
    while (at !== undefined && at !== this.#tip && pairs.length < this.#windowCommits) {
      const [parent]: readonly CommitSha[] = await this.#source.parentsOf(at);
      if (parent !== undefined) pairs.push({ commit: at, parent });
      at = parent;
    }
    const commits = await Promise.all(
      pairs.map(async ({ commit, parent }) => ({ commit, changes: await this.#source.diff(parent, commit) })),
    );
    return { commits, meets: this.#tip !== undefined && at === this.#tip };
  }

  #reset(names: readonly string[]): void {
    this.#history = [];
    this.#steps.clear();
    this.#spellings.clear();
    for (const path of names) this.#count(path, 1);
  }

  #count(path: string, by: -1 | 0 | 1): void {
    if (by === 0) return;
    for (const prefix of prefixesOf(path)) {
      const folded = foldName(prefix);
      const spellings = this.#spellings.get(folded) ?? new Map<string, number>();
      const count = (spellings.get(prefix) ?? 0) + by;
      if (count > 0) spellings.set(prefix, count);
      else spellings.delete(prefix);
      if (spellings.size > 0) this.#spellings.set(folded, spellings);
      else this.#spellings.delete(folded);
    }
  }

  #stepsAt(path: string): MainStep[] {
    const steps = this.#steps.get(path) ?? [];
    this.#steps.set(path, steps);
    return steps;
  }

  #forgetOldest(): void {
    for (const { changes } of this.#history.splice(0, this.#history.length - this.#windowCommits)) {
      for (const { path } of changes) {
        const steps = this.#stepsAt(path);
        steps.shift();
        if (steps.length === 0) this.#steps.delete(path);
      }
    }
  }
}

function stepOf({ before, after }: TreeChange): MainStep {
  return { ...(before ? { before } : {}), ...(after ? { after } : {}) };
}

function growthOf({ before, after }: TreeChange): -1 | 0 | 1 {
  if ((before === undefined) === (after === undefined)) return 0;
  return after === undefined ? -1 : 1;
}
