import * as surface from '@agentswarm/llm-client';
import * as cassette from '@agentswarm/llm-client/cassette';
import { expect, it } from 'vitest';

it('exports exactly these values', () => {
  expect(Object.keys(surface).toSorted()).toMatchInlineSnapshot(`
    [
      "BudgetEntrySchema",
      "BudgetPolicySchema",
      "LlmError",
      "ModelEntrySchema",
      "assertPriced",
      "createBudget",
      "createGateway",
      "createLlmClient",
      "createModelCatalog",
      "createPromptBudget",
      "createRouter",
      "createScriptedModelServer",
      "createThinkingFilter",
      "estimateTokens",
      "isOutOfMemory",
      "loadTokenizer",
      "memoryBudgetStore",
      "openBudgetFile",
      "parseModelFile",
      "parseModelNotes",
      "priceAt",
      "probeEndpoint",
      "probeModel",
      "recoverToolCalls",
      "selectModel",
      "servesModel",
      "splitThinking",
      "suggestNote",
      "truncateHeadTail",
      "truncateLines",
      "truncateMiddle",
    ]
  `);
});

it('exports exactly these values for cassettes', () => {
  expect(Object.keys(cassette).toSorted()).toMatchInlineSnapshot(`
    [
      "CassetteExchangeSchema",
      "LlmError",
      "createCassettePlayer",
      "createCassetteRecorder",
      "createExchangeRecorder",
      "createPlayerServer",
      "createReplayServer",
      "diffCassettes",
      "formatCassetteDiff",
      "parseCassette",
      "readCassette",
    ]
  `);
});
