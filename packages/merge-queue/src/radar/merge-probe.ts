import type { CommitSha } from '@agentswarm/core';
import type { GitSession, HeadFacts } from '@agentswarm/git';
import { MergeQueueError } from '../errors.ts';
import { cannotConflict, writeSetOf, type WriteSet } from './write-set.ts';

/** A head and what is known of it for ever, whatever becomes of the target. */
export interface ProbedHead {
  readonly head: CommitSha;
  /** Its commits that the target did not have when it was looked at. */
  readonly own: ReadonlySet<CommitSha>;
  /** The only commit of the target those are built on, and what was written since; absent when there are several. */
  readonly fork?: { readonly base: CommitSha; readonly writes: WriteSet };
  /** Conflicted paths with the target it was looked at with; empty when it merges. */
  readonly target: readonly string[];
}

/** Merges asked for before the signal is looked at again. */
const AT_ONCE = 16;

/** Asks git what merges, without telling it more than it needs. Answers are conflicted paths, sorted; none: it merges. */
export class MergeProbe {
  readonly #session: Pick<GitSession, 'diff' | 'merge' | 'relate'>;

  constructor(session: Pick<GitSession, 'diff' | 'merge' | 'relate'>) {
    this.#session = session;
  }

  /** @throws {MergeQueueError} `TICKET_INVALID` for a head that does not exist or shares no history with the target. */
  async look(tip: CommitSha, head: CommitSha): Promise<ProbedHead> {
    const [facts] = await this.#session.relate(tip, [head]);
    if (facts === undefined || facts.relation === 'missing' || facts.relation === 'unrelated') {
      throw new MergeQueueError('TICKET_INVALID', 'the head has no history in common with the target', {
        details: { head, tip },
      });
    }
    const base = onlyFrontier(facts);
    const [target, changes] = await Promise.all([
      this.#withTarget(tip, facts),
      base === undefined ? [] : this.#session.diff(base, head),
    ]);
    const fork = base === undefined ? {} : { fork: { base, writes: writeSetOf(changes) } };
    return { head, own: new Set(facts.commits), target, ...fork };
  }

  /** What heads have in conflict with a target; same order as asked. */
  async againstTarget(
    tip: CommitSha,
    heads: readonly CommitSha[],
    signal: AbortSignal | undefined,
  ): Promise<readonly (readonly string[])[]> {
    const facts = await this.#session.relate(tip, heads);
    return await inTurns(facts, signal, (one) => this.#withTarget(tip, one));
  }

  /** What pairs of heads have in conflict; same order as asked. */
  async betweenHeads(
    pairs: readonly (readonly [ProbedHead, ProbedHead])[],
    signal: AbortSignal | undefined,
  ): Promise<readonly (readonly string[])[]> {
    return await inTurns(pairs, signal, ([ours, theirs]) => this.#between(ours, theirs));
  }

  async #withTarget(tip: CommitSha, facts: HeadFacts): Promise<readonly string[]> {
    if (facts.relation === 'contained') return [];
    return await this.#conflicts(tip, facts.head, onlyFrontier(facts));
  }

  async #between(ours: ProbedHead, theirs: ProbedHead): Promise<readonly string[]> {
    // Heads that stand on one commit of the target and share none of their own have no other base, for ever.
    const isFork = ours.fork?.base === theirs.fork?.base && ours.own.isDisjointFrom(theirs.own);
    if (!isFork || ours.fork === undefined || theirs.fork === undefined) {
      return await this.#conflicts(ours.head, theirs.head, undefined);
    }
    if (cannotConflict(ours.fork.writes, theirs.fork.writes)) return [];
    return await this.#conflicts(ours.head, theirs.head, ours.fork.base);
  }

  async #conflicts(
    ours: CommitSha,
    theirs: CommitSha,
    base: CommitSha | undefined,
  ): Promise<readonly string[]> {
    const merged = await this.#session.merge({ ours, theirs, ...(base === undefined ? {} : { base }) });
    return merged.kind === 'clean' ? [] : merged.conflicts.map(({ path }) => path);
  }
}

function onlyFrontier({ frontier }: HeadFacts): CommitSha | undefined {
  return frontier.length === 1 ? frontier[0] : undefined;
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
