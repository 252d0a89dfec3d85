import type { Engine } from '@agentswarm/dag-engine/engine';
import { ask } from './roles.ts';

export interface Vote {
  readonly member: string;
  readonly approved: boolean;
  readonly reason: string;
}

/** Asks every member of a committee by itself, at the same time; more than half of them decide. */
export async function committee(
  engine: Engine,
  proposal: string,
  members: readonly string[],
): Promise<{ readonly approved: boolean; readonly votes: readonly Vote[] }> {
  const votes = await Promise.all(
    members.map(async (member) => ({ member, ...(await ask(engine, 'judge', { as: member, proposal })) })),
  );
  const inFavour = votes.filter(({ approved }) => approved).length;
  return { approved: inFavour > members.length / 2, votes };
}
