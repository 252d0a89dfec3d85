import type { CommitSha } from '@agentswarm/core';
import type { TreeChange } from '@agentswarm/git';
import type { MainStep } from './branch-facts.ts';
import type { BranchSource } from './branch-source.ts';

/** First-parent commits of main whose values count as older ones. */
const WINDOW_COMMITS = 1_000;

/**
 * What the first-parent history of main replaced. Reads the window once; a main that moved on costs a
 * comparison for each new commit.
 */
export class MainIndex {
  readonly #source: Pick<BranchSource, 'diff' | 'parentsOf'>;
  readonly #windowCommits: number;
  /** The window, oldest first. */
  #history: (readonly TreeChange[])[] = [];
  readonly #steps = new Map<string, MainStep[]>();
  #tip: CommitSha | undefined;

  constructor(source: Pick<BranchSource, 'diff' | 'parentsOf'>, windowCommits = WINDOW_COMMITS) {
    this.#source = source;
    this.#windowCommits = windowCommits;
  }

  /** Brings the index to a tip. Calls must not overlap. */
  async moveTo(tip: CommitSha): Promise<void> {
    if (tip === this.#tip) return;
    const { commits, meets } = await this.#newCommits(tip);
    // Nothing is awaited from here on: an index that failed half-way would be wrong for ever.
    if (!meets) {
      this.#history = [];
      this.#steps.clear();
    }
    for (const changes of commits.toReversed()) {
      this.#history.push(changes);
      for (const change of changes) this.#stepsAt(change.path).push(stepOf(change));
    }
    this.#forgetOldest();
    this.#tip = tip;
  }

  /** What main replaced at a path, oldest first; the last `after` is what it has now. */
  stepsAt(path: string): readonly MainStep[] {
    return this.#steps.get(path) ?? [];
  }

  /** Changes of the first-parent commits from the tip back to the one already known, or as many as the window takes; newest first. */
  async #newCommits(tip: CommitSha) {
    const pairs: { readonly commit: CommitSha; readonly parent: CommitSha }[] = [];
    let at: CommitSha | undefined = tip;
    while (at !== undefined && at !== this.#tip && pairs.length < this.#windowCommits) {
      const [parent]: readonly CommitSha[] = await this.#source.parentsOf(at);
      if (parent !== undefined) pairs.push({ commit: at, parent });
      at = parent;
    }
    const commits = await Promise.all(pairs.map(({ commit, parent }) => this.#source.diff(parent, commit)));
    return { commits, meets: this.#tip !== undefined && at === this.#tip };
  }

  #stepsAt(path: string): MainStep[] {
    const steps = this.#steps.get(path) ?? [];
    this.#steps.set(path, steps);
    return steps;
  }

  #forgetOldest(): void {
    for (const changes of this.#history.splice(0, this.#history.length - this.#windowCommits)) {
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
