import * as surface from '@agentswarm/llm-client';
import * as cassette from '@agentswarm/llm-client/cassette';
import { expect, it } from 'vitest';

it('exports exactly these values', () => {
  expect(Object.keys(surface).toSorted()).toMatchInlineSnapshot(`
    [
      "LlmError",
      "createGateway",
      "createLlmClient",
      "createScriptedModelServer",
      "estimateTokens",
      "probeEndpoint",
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
