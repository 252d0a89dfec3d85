import * as surface from '@agentswarm/llm-client';
import { expect, it } from 'vitest';

it('exports exactly these values', () => {
  expect(Object.keys(surface).toSorted()).toMatchInlineSnapshot(`
    [
      "LlmError",
      "createGateway",
      "createLlmClient",
      "createScriptedModelServer",
      "createThinkingFilter",
      "estimateTokens",
      "probeEndpoint",
      "recoverToolCalls",
      "splitThinking",
      "truncateMiddle",
    ]
  `);
});
