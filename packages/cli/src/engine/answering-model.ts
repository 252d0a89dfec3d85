import type { JsonValue, LlmClient } from '@agentswarm/dag-engine/engine';
import { CliError } from '../errors.ts';
import type { Answers } from './read-answers.ts';

/** A stand-in for every model: it gives the answers of a file and makes nothing up. */
export interface AnsweringModel extends LlmClient {
  /** As a person named it. */
  readonly file: string;
  /** Answers given so far. */
  readonly givenCount: number;
}

/** What the engine writes into a prompt, as far as answers are looked up by it. */
interface Question {
  readonly agent_stage?: string;
  readonly tool?: { readonly tool_id: string };
}

/** Rejects with CLI_ANSWER_MISSING for a node or tool the file does not name. */
export function createAnsweringModel(file: string, { ofNodes, ofTools }: Answers): AnsweringModel {
  let givenCount = 0;
  return {
    file,
    get givenCount() {
      return givenCount;
    },
    async generate({ prompt }) {
      const { agent_stage: node, tool } = JSON.parse(prompt) as Question;
      const answer =
        tool === undefined
          ? find(ofNodes, node ?? '', `node "${node}"`)
          : find(ofTools, tool.tool_id, `tool "${tool.tool_id}"`);
      givenCount += 1;
      return answer;
    },
  };

  function find(answers: ReadonlyMap<string, JsonValue>, id: string, what: string): JsonValue {
    const answer = answers.get(id);
    if (answer !== undefined) return answer;
    throw new CliError('CLI_ANSWER_MISSING', `${file} has no answer for ${what}`);
  }
}

/** That answers were written by a person, for the reader of a result. */
export function describeAnswers({ file, givenCount }: Pick<AnsweringModel, 'file' | 'givenCount'>): string {
  return givenCount === 1
    ? `1 answer came from ${file}, not from a model`
    : `${givenCount} answers came from ${file}, not from a model`;
}
