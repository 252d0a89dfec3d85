import type { LlmClient } from '@agentswarm/dag-engine/engine';

const MAX_CHARS = 80;

/** What the engine asks the agent, as far as this script reads it: the node's input has passed its schema. */
interface Question {
  readonly input: { readonly package: string; readonly sentence: string };
}

/** Plays the reviewer from three rules, so that the example runs without a model, always the same way. */
export const scriptedReviewer: LlmClient = {
  generate: async ({ prompt }) => {
    const { input } = JSON.parse(prompt) as Question;
    const problem = problemOf(input.sentence);
    return JSON.stringify({
      route: problem === null ? 'accept' : 'revise',
      reason: problem ?? 'says what changed, short and without a full stop',
      line: `- **${input.package}**: ${input.sentence}`,
    });
  },
};

function problemOf(sentence: string): string | null {
  if (sentence.endsWith('.')) return 'ends with a full stop';
  if (sentence.length > MAX_CHARS) return `is longer than ${MAX_CHARS} characters`;
  return /^[a-z]+s\b/.test(sentence) ? null : 'does not begin with a verb in the third person';
}
