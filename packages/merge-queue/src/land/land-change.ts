import type { BranchName, CommitSha, GateFailure } from '@agentswarm/core';
import type { QueueStop } from '../errors.ts';
import { judge, type Judgement } from '../judge/blame.ts';
import type { Candidate } from '../judge/gate-runs.ts';
import type { InfrastructureRetries } from '../queue/infrastructure-retries.ts';
import type { LostRaces } from '../queue/lost-races.ts';
import type { QueueContext } from '../queue/queue-context.ts';
import type { Tip } from '../queue/tip.ts';
import { moveTarget, targetRed } from './move-target.ts';

/** A change made by the caller itself instead of by a branch. */
export interface ChangeRequest {
  /** Names the change in events and in the commit. */
  readonly ticket: string;
  /** First line of the commit message, or all of it. */
  readonly message: string;
  /**
   * Gives the tree that should follow a commit of main.
   * Contract: writes it into the queue's repository; is called again when main moved in the meantime.
   */
  readonly compose: (main: CommitSha) => Promise<CommitSha>;
}

/** What became of a change. */
export type ChangeResult =
  | { readonly kind: 'landed'; readonly commit: CommitSha }
  /** Main has the composed tree already; nothing was written. */
  | { readonly kind: 'unchanged'; readonly main: CommitSha }
  /** The gate is red with the change and green without it. */
  | { readonly kind: 'rejected'; readonly main: CommitSha; readonly failure: GateFailure }
  | { readonly kind: 'stopped'; readonly stop: QueueStop };

export interface ChangeContext extends QueueContext {
  readonly readTip: () => Promise<Tip>;
  readonly retries: InfrastructureRetries;
  readonly races: LostRaces;
  /** Resolves when a gate run has ended or a pause is over; rejects when the queue is stopped. */
  readonly wait: () => Promise<void>;
}

/** Lands one commit with a single parent through gate and compare-and-swap. */
export async function landChange(context: ChangeContext, request: ChangeRequest): Promise<ChangeResult> {
  for (;;) {
    const tip = await context.readTip();
    const tree = await request.compose(tip.commit);
    if (tree === tip.tree) return { kind: 'unchanged', main: tip.commit };
    const commit = await writeChange(context, request, { tip, tree });
    const judgement = await decide(context, { commit, tree, tickets: [request.ticket] }, tip);
    if (judgement.kind === 'rejected') return { ...judgement, main: tip.commit };
    if (judgement.kind === 'stopped') return judgement;
    const moved = await moveTarget(context, { tickets: [request.ticket], old: tip.commit, new: commit });
    if (moved.kind === 'stop') return { kind: 'stopped', stop: moved.stop };
    if (moved.kind === 'landed') {
      context.races.won();
      context.tips.set({ commit, tree });
      context.log.append(changeLanded(request.ticket, context.branch, commit));
      return { kind: 'landed', commit };
    }
    context.tips.doubt();
    const stop = context.races.lost();
    if (stop !== undefined) return { kind: 'stopped', stop };
  }
}

async function writeChange(
  { repository, clock }: ChangeContext,
  { ticket, message }: ChangeRequest,
  { tip, tree }: { readonly tip: Tip; readonly tree: CommitSha },
): Promise<CommitSha> {
  const trailers = `Mq-Ticket: ${ticket}\nMq-Tree: ${tree}\n`;
  return await repository.commit({
    tree,
    parents: [tip.commit],
    message: `${message.trimEnd()}\n\n${trailers}`,
    dateMs: clock.nowMs(),
  });
}

type Decision =
  | { readonly kind: 'green' }
  | { readonly kind: 'rejected'; readonly failure: GateFailure }
  | { readonly kind: 'stopped'; readonly stop: QueueStop };

/** Gates a change by the rules that hold for a branch by itself. */
async function decide(context: ChangeContext, candidate: Candidate, tip: Tip): Promise<Decision> {
  const { runs, retries } = context;
  const control = { commit: tip.commit, tree: tip.tree, tickets: [] };
  for (;;) {
    if (runs.collect() === 'passes') retries.worked();
    const judgement = judge({
      alone: true,
      candidate: runs.runsOf(candidate.tree),
      control: runs.runsOf(tip.tree),
      allowRedTarget: context.allowRedTarget,
    });
    const decision = decisionOf(context, judgement, { candidate, tip });
    if (decision !== undefined) return decision;
    if (judgement.kind === 'undecided' && !retries.isPausing) {
      for (const what of judgement.needs) {
        const next = what === 'candidate' ? candidate : control;
        if (!runs.running.has(next.tree) && runs.running.size < context.slots) runs.start(next);
      }
    }
    await context.wait();
  }
}

function decisionOf(
  context: ChangeContext,
  judgement: Judgement,
  { candidate, tip }: { readonly candidate: Candidate; readonly tip: Tip },
): Decision | undefined {
  switch (judgement.kind) {
    case 'undecided':
      return undefined;
    case 'green':
      return { kind: 'green' };
    case 'red':
    case 'culprit':
      return { kind: 'rejected', failure: judgement.failure };
    case 'target_red':
      return { kind: 'stopped', stop: targetRed(context, tip.commit, judgement.failure) };
    case 'infrastructure': {
      const trees = [candidate.tree, tip.tree];
      const stop = context.retries.failed({ trees, onto: tip.commit, failure: judgement.failure });
      return stop === undefined ? undefined : { kind: 'stopped', stop };
    }
  }
}

/** The event of a change: it has no branch of its own, so it is its own head on the target. */
export function changeLanded(ticket: string, branch: BranchName, commit: CommitSha) {
  return { type: 'branch_landed', ticket, branch, head: commit, commit, main: commit } as const;
}
