import { inspect } from 'node:util';
import { Secret } from '@agentswarm/core';
import { LlmError, probeEndpoint } from '@agentswarm/llm-client';
import { describe, expect, it } from 'vitest';
import { fails, hangs, json, startFaultServer, type Behaviour } from './fault-server.ts';

const KEY = 'sk-probe-canary-77aa';
const list: Behaviour = (response) =>
  json(response, 200, { object: 'list', data: [{ id: 'm1' }, { id: 'm2' }] });

describe('probeEndpoint', () => {
  it('asks the right path under a prefix and names an owner only the endpoint can know', async () => {
    await using server = await startFaultServer(list);
    const baseUrl = `${server.url}/v2/abc/openai/v1`;
    const probe = await probeEndpoint({ name: 'e', baseUrl, apiKey: new Secret(KEY), model: 'm2' });
    expect(probe).toEqual({ name: 'e', model: 'm2', ownedBy: 'unknown', models: ['m1', 'm2'] });
    expect(server.seen).toMatchObject([
      { path: '/v2/abc/openai/v1/models', headers: { authorization: `Bearer ${KEY}` } },
    ]);
  });

  it.each([
    ['401', fails(401, KEY), 'AUTH_REJECTED'],
    ['404', fails(404), 'ENDPOINT_INVALID'],
    ['500', fails(500), 'SERVER_ERROR'],
    ['no list', (response) => json(response, 200, { models: [] }), 'INVALID_ANSWER'],
    ['a dropped connection', (response) => response.destroy(), 'ENDPOINT_UNREACHABLE'],
    ['silence', hangs, 'TIMED_OUT'],
  ] as const satisfies readonly (readonly [string, Behaviour, string])[])(
    'ends in a clear error after one request: %s',
    async (_name, behaviour, code) => {
      await using server = await startFaultServer(behaviour);
      const endpoint = { name: 'e', baseUrl: server.url, apiKey: new Secret(KEY), model: 'm' };
      const error: unknown = await probeEndpoint(endpoint, {
        timeoutMs: behaviour === hangs ? 150 : 30_000,
      }).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(LlmError);
      expect((error as LlmError).code).toBe(code);
      expect((error as LlmError).message).toContain('endpoint e');
      expect(inspect(error, { depth: null, showHidden: true })).not.toContain(KEY);
      expect(server.seen).toHaveLength(1);
    },
  );

  it('rejects with the reason of its signal', async () => {
    await using server = await startFaultServer(hangs);
    const reason = new LlmError('TIMED_OUT', 'enough');
    const abort = new AbortController();
    const pending = probeEndpoint({ name: 'e', baseUrl: server.url, model: 'm' }, { signal: abort.signal });
    const failed = expect(pending).rejects.toBe(reason);
    while (server.seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    abort.abort(reason);
    await failed;
  });
});
