import type { JsonObject, JsonValue, LlmClient } from '@agentswarm/dag-engine/engine';

/** What a script answers when a role is asked. */
export type Script = (role: string, input: JsonObject) => JsonValue;

/** Plays a model from a script. */
export function scriptedModel(script: Script): LlmClient {
  return {
    generate: async ({ prompt }) => {
      const { agent_stage, input } = JSON.parse(prompt) as {
        readonly agent_stage: string;
        readonly input: JsonObject;
      };
      return JSON.stringify(script(agent_stage, input));
    },
  };
}
