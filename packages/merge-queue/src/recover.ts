import type { CommitSha, LandingIntent } from '@agentswarm/core';
import { isAncestor, resolveRef } from '@agentswarm/git';
import { changeLanded } from './land-change.ts';
import { announceLanded, type LandingContext } from './lander.ts';
import { locateLanding } from './locate-landing.ts';
import type { QueueEntry } from './queue-entry.ts';

/**
 * Settles what an earlier process left behind. Whether something landed is read from the target and
 * from nothing else; what did is announced, what did not stays in line.
 */
export async function recover(
  context: LandingContext,
  entries: readonly QueueEntry[],
  intents: readonly LandingIntent[],
): Promise<void> {
  if (entries.length === 0 && intents.length === 0) return;
  const tip = await context.target.tip(context.signal);
  for (const entry of entries) await recoverEntry(context, entry, { intents, tip });
  const known = new Set(entries.map(({ ticket }) => ticket));
  for (const intent of intents) {
    if (!(await carriedBy(context, intent, tip))) continue;
    for (const ticket of intent.tickets.filter((name) => !known.has(name))) {
      context.log.append(changeLanded(ticket, context.target.branch, intent.new));
    }
  }
}

/** The intents an earlier process left, and where the target is now. */
interface Findings {
  readonly intents: readonly LandingIntent[];
  readonly tip: CommitSha;
}

async function recoverEntry(context: LandingContext, entry: QueueEntry, found: Findings): Promise<void> {
  const { repository, signal } = context;
  const { tip } = found;
  // A head that is not here cannot be on main, which is; trying to land it will say so.
  if ((await resolveRef({ repository, ref: entry.head, signal })) === undefined) return;
  const commit = await locateLanding({ repository, tip, head: entry.head, signal });
  if (commit === undefined) return;
  announceLanded(context, entry, { commit, main: await mainAfter(context, entry, found) });
}

/** The tip right after the push that carried an entry, as far as it is known. */
async function mainAfter(
  context: LandingContext,
  { ticket }: QueueEntry,
  { intents, tip }: Findings,
): Promise<CommitSha> {
  for (const intent of intents) {
    if (intent.tickets.includes(ticket) && (await carriedBy(context, intent, tip))) return intent.new;
  }
  return tip;
}

async function carriedBy(
  { repository, signal }: LandingContext,
  intent: LandingIntent,
  tip: CommitSha,
): Promise<boolean> {
  if ((await resolveRef({ repository, ref: intent.new, signal })) === undefined) return false;
  return await isAncestor({ repository, ancestor: intent.new, descendant: tip, signal });
}
