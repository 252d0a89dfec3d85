import type { CommitSha } from '@agentswarm/core';
import type { GitSession, HeadFacts } from '@agentswarm/git';
import { ForkLine } from './fork-line.ts';
import { cannotConflict, writeSetOf, type WriteSet } from './write-set.ts';

/** What a session has to be able to do for a radar. */
export type RadarSession = Pick<GitSession, 'diff' | 'merge' | 'readCommit' | 'relate'>;

/** A head and how it stands to a target. */
export interface ProbedHead {
  readonly head: CommitSha;
  readonly relation: HeadFacts['relation'];
  /** Its commits that the target does not have. */
  readonly own: ReadonlySet<CommitSha>;
  /** The only commit of the target those are built on, and what was written since; absent when there are several. */
  readonly fork?: { readonly base: CommitSha; readonly writes: WriteSet };
  /** Conflicted paths with the target; empty when it merges, and when nothing can be merged. */
  readonly target: readonly string[];
}

/** Merges asked for before the signal is looked at again. */
const AT_ONCE = 16;

/** What git appends to a file that another side has a directory in place of: the name of its commit. */
const SIDE = /~(?:[0-9a-f]{40}|[0-9a-f]{64})(?:_[0-9]+)?$/;

/** Asks git what merges, without telling it more than it needs. Answers are conflicted paths, sorted; none: it merges. */
export class MergeProbe {
  readonly #session: RadarSession;
  readonly #line: ForkLine;

  constructor(session: RadarSession) {
    this.#session = session;
    this.#line = new ForkLine(session);
  }

  /** How heads stand to a target; same order as asked. */
  async look(
    tip: CommitSha,
    heads: readonly CommitSha[],
    signal: AbortSignal | undefined,
  ): Promise<readonly ProbedHead[]> {
    const related = await this.#session.relate(tip, heads);
    const probed = await inTurns(related, signal, (facts) => this.#probe(tip, facts));
    for (const { fork } of probed) {
      signal?.throwIfAborted();
      if (fork !== undefined) await this.#line.reach(tip, fork.base);
    }
    return probed;
  }

  /** What pairs of heads that stand to one target have in conflict; same order as asked. */
  async betweenHeads(
    pairs: readonly (readonly [ProbedHead, ProbedHead])[],
    signal: AbortSignal | undefined,
  ): Promise<readonly (readonly string[])[]> {
    return await inTurns(pairs, signal, ([ours, theirs]) => this.#between(ours, theirs));
  }

  async #probe(tip: CommitSha, facts: HeadFacts): Promise<ProbedHead> {
    const { head, relation, commits, frontier } = facts;
    const own = new Set(commits);
    if (relation !== 'ahead') return { head, relation, own, target: [] };
    const [base, ...others] = frontier;
    if (base === undefined || others.length > 0) {
      return { head, relation, own, target: await this.#conflicts(tip, head, undefined) };
    }
    const [target, changes] = await Promise.all([
      this.#conflicts(tip, head, base),
      this.#session.diff(base, head),
    ]);
    return { head, relation, own, target, fork: { base, writes: writeSetOf(changes) } };
  }

  async #between(ours: ProbedHead, theirs: ProbedHead): Promise<readonly string[]> {
    const relations = [ours.relation, theirs.relation];
    if (relations.includes('missing')) return [];
    if (relations.includes('unrelated')) return await this.#betweenStrangers(ours, theirs);
    const known = this.#onlyBase(ours, theirs);
    if (known === undefined) return await this.#conflicts(ours.head, theirs.head, undefined);
    const { base, older, newer } = known;
    if (newer.every((writes) => cannotConflict(older, writes))) return [];
    return await this.#conflicts(ours.head, theirs.head, base);
  }

  /** A head that has nothing to do with the target may still have something to do with another one. */
  async #betweenStrangers(ours: ProbedHead, theirs: ProbedHead): Promise<readonly string[]> {
    const related = await this.#session.relate(ours.head, [theirs.head]);
    const isMergeable = related.some(({ relation }) => relation === 'ahead');
    return isMergeable ? await this.#conflicts(ours.head, theirs.head, undefined) : [];
  }

  /**
   * Heads that share no commit of their own have all else in common with the target only: of two forks
   * on its line the older is their only merge base. What the target wrote in between is on the side of
   * the newer.
   */
  #onlyBase(ours: ProbedHead, theirs: ProbedHead) {
    if (ours.fork === undefined || theirs.fork === undefined || !ours.own.isDisjointFrom(theirs.own)) {
      return undefined;
    }
    const between = this.#line.between(ours.fork.base, theirs.fork.base);
    if (between === undefined) return undefined;
    const { base, writes } = between;
    const [older, newer] = ours.fork.base === base ? [ours.fork, theirs.fork] : [theirs.fork, ours.fork];
    return { base, older: older.writes, newer: [newer.writes, ...writes] };
  }

  async #conflicts(
    ours: CommitSha,
    theirs: CommitSha,
    base: CommitSha | undefined,
  ): Promise<readonly string[]> {
    const merged = await this.#session.merge({ ours, theirs, ...(base === undefined ? {} : { base }) });
    if (merged.kind === 'clean') return [];
    return [...new Set(merged.conflicts.map(({ path }) => path.replace(SIDE, '')))].toSorted();
  }
}

async function inTurns<T, R>(
  items: readonly T[],
  signal: AbortSignal | undefined,
  ask: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const answers: R[] = [];
  for (let at = 0; at < items.length; at += AT_ONCE) {
    signal?.throwIfAborted();
    answers.push(...(await Promise.all(items.slice(at, at + AT_ONCE).map(ask))));
  }
  signal?.throwIfAborted();
  return answers;
}
