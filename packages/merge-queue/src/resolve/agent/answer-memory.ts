import { createHash } from 'node:crypto';
import type { AgentProposal } from './conflict-agent.ts';

/** Knows which answers an agent gave to which questions. */
export interface AnswerMemory {
  /** Whether this answer to this question is given for the first time; remembers it. */
  isNew(question: readonly string[], answer: readonly AgentProposal[]): boolean;
}

/** Old answers are forgotten: what they were about has long landed or left. */
const MAX_ANSWERS = 10_000;

export function createAnswerMemory(): AnswerMemory {
  const given = new Set<string>();
  return {
    isNew: (question, answer) => {
      const sorted = answer.map(({ path, content }) => [path, content]).toSorted();
      const digest = createHash('sha256')
        .update(JSON.stringify([question, sorted]))
        .digest('hex');
      if (given.has(digest)) return false;
      given.add(digest);
      for (const oldest of given) {
        if (given.size <= MAX_ANSWERS) break;
        given.delete(oldest);
      }
      return true;
    },
  };
}
