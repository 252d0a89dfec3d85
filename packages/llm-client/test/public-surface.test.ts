import * as surface from '@agentswarm/llm-client';
import { expect, it } from 'vitest';

it('exports exactly these values', () => {
  expect(Object.keys(surface).toSorted()).toMatchInlineSnapshot(`
    [
      "BudgetEntrySchema",
      "BudgetPolicySchema",
      "LlmError",
      "assertPriced",
      "createBudget",
      "createGateway",
      "createLlmClient",
      "createRouter",
      "createScriptedModelServer",
      "createThinkingFilter",
      "estimateTokens",
      "memoryBudgetStore",
      "openBudgetFile",
      "probeEndpoint",
      "recoverToolCalls",
      "splitThinking",
      "truncateMiddle",
    ]
  `);
});
