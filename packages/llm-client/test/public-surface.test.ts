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
      "createPromptBudget",
      "createScriptedModelServer",
      "createThinkingFilter",
      "estimateTokens",
      "isOutOfMemory",
      "loadTokenizer",
      "parseModelFile",
      "parseModelNotes",
      "probeEndpoint",
      "probeModel",
      "recoverToolCalls",
      "selectModel",
      "splitThinking",
      "suggestNote",
      "truncateHeadTail",
      "truncateLines",
      "truncateMiddle",
    ]
  `);
});
