import type { CommitSha } from '@agentswarm/core';
import type { GitSession } from '@agentswarm/git';
import { writeSetOf, type WriteSet } from './write-set.ts';

/** How far back heads are expected to be built; older ones are left to git. */
const MAX_COMMITS = 1_000;

interface LineCommit {
  readonly parent: CommitSha | undefined;
  /** What it changed of its first parent. */
  readonly writes: WriteSet;
}

/** The first-parent history of the target: which of two forks is the older, and what the target wrote between them. */
export class ForkLine {
  readonly #session: Pick<GitSession, 'diff' | 'readCommit'>;
  /** Everything read so far; a target that moves on needs its new commits only. */
  #read = new Map<CommitSha, LineCommit>();
  /** Newest first, with the index of each. */
  #line: LineCommit[] = [];
  readonly #index = new Map<CommitSha, number>();
  #tip: CommitSha | undefined;

  constructor(session: Pick<GitSession, 'diff' | 'readCommit'>) {
    this.#session = session;
  }

  /** Follows the history of a tip as far as a fork, which need not be on it. */
  async reach(tip: CommitSha, fork: CommitSha): Promise<void> {
    if (this.#tip !== tip) {
      this.#read = new Map([...this.#read].slice(-MAX_COMMITS));
      this.#line = [];
      this.#index.clear();
      this.#tip = tip;
    }
    while (!this.#index.has(fork) && this.#line.length < MAX_COMMITS) {
      const last = this.#line.at(-1);
      const next = last === undefined ? tip : last.parent;
      if (next === undefined) return;
      const commit = this.#read.get(next) ?? (await this.#readCommit(next));
      this.#read.set(next, commit);
      this.#index.set(next, this.#line.length);
      this.#line.push(commit);
    }
  }

  /** The older of two forks and what the target wrote from it to the newer; undefined when they are not both on the line. */
  between(
    a: CommitSha,
    b: CommitSha,
  ): { readonly base: CommitSha; readonly writes: readonly WriteSet[] } | undefined {
    const [atA, atB] = [this.#index.get(a), this.#index.get(b)];
    if (atA === undefined || atB === undefined) return a === b ? { base: a, writes: [] } : undefined;
    const writes = this.#line.slice(Math.min(atA, atB), Math.max(atA, atB)).map((commit) => commit.writes);
    return { base: atA > atB ? a : b, writes };
  }

  async #readCommit(commit: CommitSha): Promise<LineCommit> {
    const parent = (await this.#session.readCommit(commit))?.parents[0];
    const changes = parent === undefined ? [] : await this.#session.diff(parent, commit);
    return { parent, writes: writeSetOf(changes) };
  }
}
