import type { CommitSha, LandingIntent } from '@agentswarm/core';
import type { QueueContext } from '../queue/queue-context.ts';
import { changeLanded } from './land-change.ts';
import { locateLanding } from './locate-landing.ts';

/** What an earlier process left, and where the target is now. */
export interface Findings {
  readonly tip: CommitSha;
  readonly intents: readonly LandingIntent[];
}

/**
 * Settles what an earlier process left behind. Whether something landed is read from the target and
 * from nothing else; what did is announced, what did not stays in line.
 */
export async function recover(context: QueueContext, found: Findings): Promise<void> {
  const { settlement, log, branch } = context;
  const known = new Set(settlement.open.keys());
  const carried: LandingIntent[] = [];
  for (const intent of found.intents) {
    if (await contains(context, found.tip, intent.new)) carried.push(intent);
  }
  await recoverEntries(context, found, carried);
  for (const intent of carried) {
    for (const ticket of intent.tickets.filter((name) => !known.has(name))) {
      log.append(changeLanded(ticket, branch, intent.new));
    }
  }
}

async function recoverEntries(
  context: QueueContext,
  { tip }: Findings,
  carried: readonly LandingIntent[],
): Promise<void> {
  const { settlement, facts, repository, rewritten } = context;
  const open = [...settlement.open.values()];
  await facts.load(
    tip,
    open.map(({ head }) => head),
  );
  for (const entry of open) {
    const known = await facts.of(tip, entry.head);
    const commit =
      known.relation === 'contained'
        ? await locateLanding(repository, { tip, head: entry.head })
        : await rewritten.find(known, tip);
    if (commit === undefined) continue;
    const main = carried.find(({ tickets }) => tickets.includes(entry.ticket))?.new ?? tip;
    settlement.announceLanded(entry, { commit, main });
    facts.forget(entry.head);
  }
}

async function contains({ repository }: QueueContext, tip: CommitSha, commit: CommitSha): Promise<boolean> {
  const [facts] = await repository.relate(tip, [commit]);
  return facts?.relation === 'contained';
}
