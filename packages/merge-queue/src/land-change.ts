import type { BranchName, CommitSha, GateFailure } from '@agentswarm/core';
import { commitTree, treeOf } from '@agentswarm/git';
import type { QueueStop } from './errors.ts';
import { checkMain, moveTarget, targetKeepsMoving, type LandingContext } from './lander.ts';

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

const MAX_ATTEMPTS = 8;

/** Lands one commit with a single parent through gate and compare-and-swap. */
export async function landChange(context: LandingContext, request: ChangeRequest): Promise<ChangeResult> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const result = await tryChange(context, request);
    if (result.kind !== 'moved') return result;
  }
  return { kind: 'stopped', stop: targetKeepsMoving(context) };
}

async function tryChange(
  context: LandingContext,
  { ticket, message, compose }: ChangeRequest,
): Promise<ChangeResult | { readonly kind: 'moved' }> {
  const { repository, identity, clock, signal, target, judge } = context;
  const tip = await target.tip(signal);
  const tree = await compose(tip);
  if (tree === (await treeOf({ repository, commit: tip, signal }))) return { kind: 'unchanged', main: tip };
  const trailers = `Mq-Ticket: ${ticket}\nMq-Tree: ${tree}\n`;
  const commit = await commitTree({
    repository,
    tree,
    parents: [tip],
    message: `${message.trimEnd()}\n\n${trailers}`,
    author: identity,
    dateMs: clock.nowMs(),
    signal,
  });
  const verdict = await judge.judgeTwice({ commit, tree, tickets: [ticket] });
  if (verdict.kind !== 'pass') {
    const stop = await checkMain(context, tip);
    if (stop !== undefined) return { kind: 'stopped', stop };
    return { kind: 'rejected', main: tip, failure: verdict.failure };
  }
  const move = await moveTarget(context, { tickets: [ticket], old: tip, new: commit });
  if (move.kind === 'moved') return { kind: 'moved' };
  if (move.kind === 'stop') return { kind: 'stopped', stop: move.stop };
  context.log.append(changeLanded(ticket, target.branch, commit));
  return { kind: 'landed', commit };
}

/** The event of a change: it has no branch of its own, so it is its own head on the target. */
export function changeLanded(ticket: string, branch: BranchName, commit: CommitSha) {
  return { type: 'branch_landed', ticket, branch, head: commit, commit, main: commit } as const;
}
