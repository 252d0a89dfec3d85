import * as surface from '@agentswarm/llm-client';
import { expect, it } from 'vitest';

it('exports exactly these values', () => {
  expect(Object.keys(surface).toSorted()).toMatchInlineSnapshot(`
    [
      "LlmError",
      "ModelEntrySchema",
      "createGateway",
      "createLlmClient",
      "createModelCatalog",
      "createScriptedModelServer",
      "createThinkingFilter",
      "estimateTokens",
      "parseModelFile",
      "probeEndpoint",
      "recoverToolCalls",
      "splitThinking",
      "truncateMiddle",
    ]
  `);
});
