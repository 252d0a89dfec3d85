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
      "isOutOfMemory",
      "parseModelFile",
      "parseModelNotes",
      "probeEndpoint",
      "recoverToolCalls",
      "selectModel",
      "splitThinking",
      "suggestNote",
      "truncateMiddle",
    ]
  `);
});
