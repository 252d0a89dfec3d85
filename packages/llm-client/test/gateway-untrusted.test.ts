import { createBudget } from '@agentswarm/llm-client';
import { describe, expect, it } from 'vitest';
import { chunk, says, startFaultServer } from './fault-server.ts';
import { openGateway, post } from './gateway-setup.ts';

const MESSAGES = [{ role: 'user', content: 'Hello' }];

/** What one request holds in the budget while the endpoint works on it, and what the endpoint is sent. */
async function heldBy(request: object | string): Promise<{ status: number; tokens: number; sent: unknown }> {
  await using budget = await createBudget();
  let tokens = 0;
  await using server = await startFaultServer((response, seen) => {
    tokens = budget.status().reserved.tokens;
    return says('hi')(response, seen);
  });
  await using bench = await openGateway(server.url, { budget });
  const { status } = await post(bench.grantFor('t'), request);
  const sent = server.seen[0]?.body;
  return { status, tokens, sent: sent === undefined ? undefined : JSON.parse(sent) };
}

describe('a client that wants more than it says', () => {
  it.each([
    ['two bounds', { max_tokens: 900, max_completion_tokens: 1 }, 900, 900],
    ['two bounds the other way round', { max_tokens: 1, max_completion_tokens: 900 }, 900, 900],
    ['a bound the server may not know', { max_completion_tokens: 5 }, 5, 5],
    ['no bound', { max_tokens: null }, 8192, 8192],
    ['several answers without a bound', { n: 4 }, 4 * 8192, 8192],
    ['several answers with a bound', { n: 4, max_tokens: 10 }, 40, 10],
    ['a choice of answers', { n: 1, best_of: 8, max_tokens: 10 }, 80, 10],
  ])('reserves the most it can get: %s', async (_name, bounds, completion, sentBound) => {
    const { status, tokens, sent } = await heldBy({ messages: MESSAGES, ...bounds });
    expect([status, tokens]).toEqual([200, 3 + completion]);
    expect(sent).toMatchObject({ max_tokens: sentBound });
    expect(sent).not.toHaveProperty('max_completion_tokens');
  });

  it.each([
    ['a key twice', '{"max_tokens":100000,"max_tokens":1,"messages":[],"model":"m-real"}'],
    ['a key in escapes', '{"max_tok\\u0065ns":100000,"max_tokens":1,"messages":[],"model":"m-real"}'],
    ['two models', '{"model":"dear","model":"m-real","max_tokens":1,"messages":[]}'],
  ])('sends on only what was checked: %s', async (_name, request) => {
    await using server = await startFaultServer(says('hi'));
    await using bench = await openGateway(server.url);
    expect((await post(bench.grantFor('t'), request)).status).toBe(200);
    expect(server.seen[0]?.body).toBe('{"model":"m-real","max_tokens":1,"messages":[]}');
  });

  it.each([
    { max_tokens: -1 },
    { max_tokens: 0 },
    { max_tokens: '1' },
    { max_tokens: 1.5 },
    { max_tokens: 9_007_199_254_740_991, n: 1_000 },
    { n: 0 },
    { n: '5' },
    { best_of: 1e9 },
    { stream: 'true' },
    { MAX_TOKENS: 100_000, max_tokens: 1 },
    { Model: 'dear' },
    { '\u017ftream': true },
    { models: ['dear'] },
    { service_tier: 'priority' },
    { web_search_options: {} },
    { plugins: [{ id: 'web' }] },
  ])('refuses %j', async (fields) => {
    const { status, sent } = await heldBy({ messages: MESSAGES, ...fields });
    expect([status, sent]).toEqual([400, undefined]);
  });

  it.each([
    ['names in the schema of a tool', { tools: [{ function: { parameters: { ['x'.repeat(4_000)]: 1 } } }] }],
    ['another field', { documents: [{ text: 'x'.repeat(4_000) }] }],
    ['numbers', { prompt_token_ids: Array.from({ length: 4_000 }, () => 1) }],
  ])('counts a prompt that is hidden in %s', async (_name, fields) => {
    const { tokens } = await heldBy({ messages: MESSAGES, max_tokens: 1, ...fields });
    expect(tokens).toBeGreaterThanOrEqual(1_000);
  });

  it('cannot keep the endpoint from telling what was used', async () => {
    await using server = await startFaultServer((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(`${chunk({ reasoning: 'x'.repeat(400) })}${chunk({}, 'stop')}data: [DONE]\n\n`);
    });
    await using bench = await openGateway(server.url);
    const stream = { messages: MESSAGES, stream: true, stream_options: { include_usage: false } };
    expect((await post(bench.grantFor('t'), stream)).status).toBe(200);
    expect(JSON.parse(server.seen[0]?.body ?? '')).toMatchObject({ stream_options: { include_usage: true } });
    expect(bench.events).toMatchObject([{ estimated: true, completionTokens: 100 }]);
  });

  it('is refused when its token is bounded in dollars and nobody knows the price', async () => {
    await using server = await startFaultServer(says('hi'));
    await using bench = await openGateway(server.url);
    const { token, url = '' } = bench.gateway.grant({ role: 'worker', budget: { usd: 1 } });
    const answer = await post({ token, url }, { messages: MESSAGES });
    expect([answer.status, answer.text.includes('price_unknown')]).toEqual([402, true]);
    expect(server.seen).toEqual([]);
  });
});
