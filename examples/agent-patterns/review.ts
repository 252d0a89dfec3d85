import type { Engine } from '@agentswarm/dag-engine/engine';
import { ask } from './roles.ts';

export interface Reviewed {
  readonly text: string;
  readonly approved: boolean;
  /** What was found, draft by draft. */
  readonly findings: readonly string[];
}

/** Has a draft judged and written again until it is approved, at most so often. */
export async function review(engine: Engine, task: string, maxDrafts: number): Promise<Reviewed> {
  const findings: string[] = [];
  for (let draft = 1; ; draft += 1) {
    const { text } = await ask(engine, 'writer', { task, findings });
    const { approved, reason } = await ask(engine, 'judge', { task, text });
    if (approved) return { text, approved, findings };
    findings.push(reason);
    if (draft === maxDrafts) return { text, approved, findings };
  }
}
