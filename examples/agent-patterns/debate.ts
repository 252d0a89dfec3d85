import type { Engine } from '@agentswarm/dag-engine/engine';
import { ask, type Answers } from './roles.ts';

export interface Argument {
  readonly side: 'for' | 'against';
  readonly text: string;
}

/** Lets two sides argue in turns, each seeing all that was said, and asks a judge who saw the whole of it. */
export async function debate(
  engine: Engine,
  question: string,
  rounds: number,
): Promise<{ readonly said: readonly Argument[]; readonly verdict: Answers['judge'] }> {
  const said: Argument[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    for (const side of ['for', 'against'] as const) {
      said.push({ side, ...(await ask(engine, 'writer', { question, side, said })) });
    }
  }
  return { said, verdict: await ask(engine, 'judge', { question, said }) };
}
