import type { Clock, CommitSha, GateFailure, Logger } from '@agentswarm/core';
import { treeOf, type Identity } from '@agentswarm/git';
import { compose, type ChainLink, type Composition } from './compose.ts';
import type { QueueStop } from './errors.ts';
import type { EventLog } from './event-log.ts';
import type { Judge } from './judge.ts';
import { locateLanding } from './locate-landing.ts';
import { splitGroup, type QueueEntry } from './queue-entry.ts';
import type { Target } from './target.ts';

/** What landing needs; one per queue. */
export interface LandingContext {
  readonly repository: string;
  readonly target: Target;
  readonly judge: Judge;
  readonly log: EventLog;
  readonly identity: Identity;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** A target that fails the gate is no reason to stop. */
  readonly allowRedTarget: boolean;
  /** Entries without an outcome. An entry leaves when its outcome has been appended, and only then. */
  readonly waiting: Map<string, QueueEntry>;
}

/** How often a group is composed again because somebody else moved the target in the meantime. */
const MAX_MOVES = 8;

/**
 * Tries to land a group together. Every entry gets its outcome, except those that conflict only with
 * an earlier entry of the group: they stay in line. When the queue must stop, the entries without an
 * outcome stay in line too.
 */
export async function landGroup(
  context: LandingContext,
  group: readonly QueueEntry[],
): Promise<QueueStop | undefined> {
  for (let attempt = 0; attempt < MAX_MOVES; attempt += 1) {
    const { repository, identity, clock, signal } = context;
    const tip = await context.target.tip(signal);
    const dateMs = clock.nowMs();
    // After a lost race some of the group may have their outcome already.
    const entries = group.filter(({ ticket }) => context.waiting.has(ticket));
    const composition = await compose({ repository, tip, entries, identity, dateMs, signal });
    await settleUnlanded(context, composition, tip);
    const { chain } = composition;
    const last = chain.at(-1);
    if (last === undefined) return undefined;
    const judged = await judgeChain(context, chain, tip);
    if (judged.kind === 'stop') return judged.stop;
    if (judged.kind === 'ejected') return undefined;
    if (judged.kind === 'split') return await landHalves(context, chain);
    const tickets = chain.map(({ entry }) => entry.ticket);
    const move = await moveTarget(context, { tickets, old: tip, new: last.commit });
    if (move.kind === 'stop') return move.stop;
    if (move.kind === 'moved') continue;
    for (const { entry, commit } of chain) announceLanded(context, entry, { commit, main: last.commit });
    return undefined;
  }
  return targetKeepsMoving(context);
}

async function landHalves(
  context: LandingContext,
  chain: readonly ChainLink[],
): Promise<QueueStop | undefined> {
  for (const half of splitGroup(chain.map(({ entry }) => entry))) {
    const stop = await landGroup(context, half);
    if (stop !== undefined) return stop;
  }
  return undefined;
}

type ChainJudgement =
  { readonly kind: 'pass' | 'ejected' | 'split' } | { readonly kind: 'stop'; readonly stop: QueueStop };

/** Gates the end of a chain. Nobody is blamed before main itself has passed the same gate. */
async function judgeChain(
  context: LandingContext,
  chain: readonly ChainLink[],
  tip: CommitSha,
): Promise<ChainJudgement> {
  const last = chain.at(-1);
  if (last === undefined) return { kind: 'pass' };
  const { commit, tree } = last;
  const candidate = { commit, tree, tickets: chain.map(({ entry }) => entry.ticket) };
  const alone = chain.length === 1;
  const verdict = await (alone ? context.judge.judgeTwice(candidate) : context.judge.judge(candidate));
  if (verdict.kind === 'pass') return { kind: 'pass' };
  if (!alone && verdict.kind === 'fail') return { kind: 'split' };
  const stop = await checkMain(context, tip);
  if (stop !== undefined) return { kind: 'stop', stop };
  if (!alone) return { kind: 'split' };
  eject(context, last.entry, { main: tip, failure: verdict.failure });
  return { kind: 'ejected' };
}

/** The control run: a reason to stop when main itself does not pass, unless it is known to be red. */
export async function checkMain(context: LandingContext, tip: CommitSha): Promise<QueueStop | undefined> {
  const { repository, signal, judge, target } = context;
  const tree = await treeOf({ repository, commit: tip, signal });
  const verdict = await judge.judgeTwice({ commit: tip, tree, tickets: [] });
  if (verdict.kind === 'pass' || (verdict.kind === 'fail' && context.allowRedTarget)) return undefined;
  const { command, problem, exitCode } = verdict.failure;
  const reason = `${command}: ${problem ?? `exit code ${exitCode}`}`;
  const where = `${target.branch} ${tip.slice(0, 12)}`;
  return verdict.kind === 'fail'
    ? { code: 'TARGET_RED', message: `the gate fails on ${where} itself: ${reason}` }
    : { code: 'GATE_CANNOT_RUN', message: `the gate cannot run on ${where}: ${reason}` };
}

/** Announces the intent, then moves the target if it is still where it was. */
export async function moveTarget(
  context: LandingContext,
  change: { readonly tickets: readonly string[]; readonly old: CommitSha; readonly new: CommitSha },
): Promise<{ readonly kind: 'landed' | 'moved' } | { readonly kind: 'stop'; readonly stop: QueueStop }> {
  // The last moment at which stopping costs nothing.
  context.signal.throwIfAborted();
  context.log.append({ type: 'landing_intended', ...change, tickets: [...change.tickets] });
  const result = await context.target.move(change);
  switch (result.kind) {
    case 'pushed':
      return { kind: 'landed' };
    case 'moved':
      context.logger.info({ old: change.old, actual: result.actual }, 'the target moved before the push');
      return { kind: 'moved' };
    case 'refused':
      return { kind: 'stop', stop: { code: 'PUSH_REFUSED', message: result.detail } };
  }
}

/** The stop after too many lost races. */
export function targetKeepsMoving({ target }: LandingContext): QueueStop {
  return {
    code: 'TARGET_MOVING',
    message: `${target.branch} moved during each of ${MAX_MOVES} attempts to land`,
  };
}

async function settleUnlanded(
  context: LandingContext,
  { contained, conflicted, unmergeable }: Composition,
  tip: CommitSha,
): Promise<void> {
  const { log, waiting, repository, signal } = context;
  for (const entry of contained) {
    const commit = await locateLanding({ repository, tip, head: entry.head, signal });
    announceLanded(context, entry, { commit: commit ?? tip, main: tip });
  }
  for (const { entry, files } of conflicted) {
    const { ticket, branch } = entry;
    log.append({ type: 'branch_conflicted', ticket, branch, files: [...files], main: tip });
    waiting.delete(ticket);
  }
  for (const { entry, problem } of unmergeable) {
    eject(context, entry, { main: tip, failure: { command: 'git merge-tree', problem, outputTail: '' } });
  }
}

/** Appends that an entry is on the target and takes it out of the line. */
export function announceLanded(
  { log, waiting }: Pick<LandingContext, 'log' | 'waiting'>,
  { ticket, branch, head }: QueueEntry,
  { commit, main }: { readonly commit: CommitSha; readonly main: CommitSha },
): void {
  log.append({ type: 'branch_landed', ticket, branch, head, commit, main });
  waiting.delete(ticket);
}

function eject(
  { log, waiting }: LandingContext,
  { ticket, branch }: QueueEntry,
  { main, failure }: { readonly main: CommitSha; readonly failure: GateFailure },
): void {
  log.append({ type: 'branch_ejected', ticket, branch, main, failure });
  waiting.delete(ticket);
}
