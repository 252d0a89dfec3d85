import type { Engine } from '@agentswarm/dag-engine/engine';
import { ask } from './roles.ts';

export interface Done {
  readonly part: string;
  readonly text: string;
}

/**
 * Lets a supervisor hand out work until it has nothing more to hand out. Each round it sees what is done; its workers
 * run at the same time and see only their own part.
 */
export async function supervise(engine: Engine, goal: string, maxRounds: number): Promise<readonly Done[]> {
  const done: Done[] = [];
  for (let round = 1; round <= maxRounds; round += 1) {
    const { parts } = await ask(engine, 'supervisor', { goal, done });
    if (parts.length === 0) return done;
    const work = parts.map(async (part) => ({ part, ...(await ask(engine, 'writer', { task: part })) }));
    done.push(...(await Promise.all(work)));
  }
  throw new Error(`the supervisor was not done after ${maxRounds} rounds`);
}
