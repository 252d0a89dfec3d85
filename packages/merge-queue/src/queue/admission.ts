import { toSwarmError, type CommitSha } from '@agentswarm/core';
import type { QueueEntry } from '../entry/queue-entry.ts';
import type { BranchGuard, GuardRequest } from '../guard/branch-guard.ts';
import type { GuardFinding } from '../guard/finding.ts';
import type { QueueContext } from './queue-context.ts';
import type { Tip } from './tip.ts';

/** Lets entries in: their heads are pinned, and the guards have looked at them. */
export class Admission {
  readonly #context: QueueContext;
  readonly #admitted = new Set<string>();
  /** Unknown at first: an earlier queue may have left pins. */
  #pinned: number | undefined;

  constructor(context: QueueContext) {
    this.#context = context;
  }

  /** Looks at what has arrived since the last time. What the guards turn away gets its outcome here. */
  async admit(tip: Tip): Promise<void> {
    const { settlement, facts } = this.#context;
    const arrived = [...settlement.open.values()].filter(({ ticket }) => !this.#admitted.has(ticket));
    if (arrived.length === 0) return;
    await this.#pin();
    await facts.load(
      tip.commit,
      arrived.map(({ head }) => head),
    );
    for (const entry of arrived) {
      this.#context.signal.throwIfAborted();
      await this.#look(entry, tip);
      this.#admitted.add(entry.ticket);
    }
  }

  /** Nothing is in line: nothing needs to be kept. */
  async unpin(): Promise<void> {
    if (this.#pinned === 0) return;
    this.#admitted.clear();
    await this.#pin();
  }

  async #pin(): Promise<void> {
    const heads = [...this.#context.settlement.open.values()].map(({ head }) => head);
    await this.#context.repository.pin(heads);
    this.#pinned = heads.length;
  }

  async #look(entry: QueueEntry, tip: Tip): Promise<void> {
    const { guard, facts, settlement, rewritten } = this.#context;
    const known = await facts.of(tip.commit, entry.head);
    // What is no ordinary branch is dealt with where it is composed.
    if (known.relation !== 'ahead') return;
    const commit = await rewritten.find(known, tip.commit);
    if (commit !== undefined) return settlement.announceLanded(entry, { commit, main: tip.commit });
    if (guard === undefined) return;
    const findings = await this.#inspect(guard, { tip: tip.commit, facts: known });
    const refusal = findings.find(({ kind }) => kind === 'refuse');
    for (const finding of findings) {
      if (finding.kind === 'warn') settlement.warn(entry, finding);
    }
    if (refusal?.kind !== 'refuse') return;
    settlement.refuse(entry, refusal);
    facts.forget(entry.head);
  }

  /** What the guards find; a head that git cannot make sense of is a finding too, not the end of the queue. */
  async #inspect(guard: BranchGuard, request: GuardRequest): Promise<readonly GuardFinding[]> {
    try {
      return await guard(request);
    } catch (error) {
      this.#context.signal.throwIfAborted();
      const { tip, facts } = request;
      const problem = await this.#problemOf(facts.head, facts.frontier[0] ?? tip);
      if (problem === undefined) throw error;
      const message = `git cannot read what the branch holds: ${problem}`;
      return [{ kind: 'refuse', reason: 'unreadable', message, paths: [] }];
    }
  }

  /** Why the tree of a head cannot be compared; rejects when that of a commit of the target cannot be either. */
  async #problemOf(head: CommitSha, control: CommitSha): Promise<string | undefined> {
    const { repository } = this.#context;
    try {
      await repository.diff(control, head);
      return undefined;
    } catch (error) {
      const parent = (await repository.parentsOf(control))[0] ?? control;
      await repository.diff(parent, control);
      return toSwarmError(error).message;
    }
  }
}
