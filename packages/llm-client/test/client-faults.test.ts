import { inspect } from 'node:util';
import { RunEventSchema, Secret } from '@agentswarm/core';
import { LlmError } from '@agentswarm/llm-client';
import { describe, expect, it, vi } from 'vitest';
import { HELLO, KEY, setUpClient } from './client-setup.ts';
import {
  answers,
  completion,
  cutsBody,
  fails,
  hangs,
  json,
  says,
  startFaultServer,
  type Behaviour,
} from './fault-server.ts';

const html: Behaviour = (response) => {
  response.writeHead(200, { 'content-type': 'text/html' });
  response.end('<html>welcome</html>');
};
const brokenJson: Behaviour = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end('{"choices": [');
};
const dropsConnection: Behaviour = (response) => response.destroy();

/** Every fault: the code it ends in and how many requests it takes. */
const FAULTS: readonly (readonly [
  name: string,
  Behaviour,
  code: string,
  requests: number,
  status: number | undefined,
])[] = [
  ['401', fails(401, `bad key ${KEY}`), 'AUTH_REJECTED', 1, 401],
  ['403', fails(403), 'AUTH_REJECTED', 1, 403],
  ['404', fails(404, 'no such model'), 'MODEL_UNKNOWN', 1, 404],
  ['400', fails(400, 'context too long'), 'REQUEST_REJECTED', 1, 400],
  ['429 for ever', fails(429), 'RATE_LIMITED', 3, 429],
  ['429 asking for an hour', fails(429, 'later', { 'retry-after': '3600' }), 'RATE_LIMITED', 1, 429],
  ['500 for ever', fails(500), 'SERVER_ERROR', 3, 500],
  ['501', fails(501), 'REQUEST_REJECTED', 1, 501],
  ['503 with an HTML body', (response) => response.writeHead(503).end('<html>'), 'SERVER_ERROR', 3, 503],
  ['a connection dropped before an answer', dropsConnection, 'ENDPOINT_UNREACHABLE', 3, undefined],
  ['a body cut in the middle', cutsBody, 'ANSWER_CUT', 3, undefined],
  ['a malformed JSON body', brokenJson, 'INVALID_ANSWER', 1, 200],
  ['a web page', html, 'INVALID_ANSWER', 1, 200],
  ['no choices', (response) => json(response, 200, { choices: [] }), 'INVALID_ANSWER', 1, 200],
];

async function failureOf(promise: Promise<unknown>): Promise<LlmError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof LlmError)) expect.fail(`expected an LlmError, got ${inspect(error)}`);
  return error;
}

describe('complete against a faulty server', () => {
  it.each(FAULTS)('%s', async (_name, behaviour, code, requests, status) => {
    await using server = await startFaultServer(behaviour);
    const { llm, events } = setUpClient(server.url);
    const error = await failureOf(llm.complete(HELLO));
    expect(error.code).toBe(code);
    expect(error.message).toContain('test-endpoint');
    if (status !== undefined) expect(error.message).toContain(String(status));
    expect(server.seen).toHaveLength(requests);
    expect(events.map((event) => [event.ok, event.httpStatus])).toEqual(
      Array.from({ length: requests }, () => [false, status]),
    );
    for (const event of events) expect(() => RunEventSchema.parse(event)).not.toThrow();
    expect(inspect([error, events], { depth: null, showHidden: true })).not.toContain(KEY);
  });

  it('reports a refused connection as unreachable and counts no tokens', async () => {
    const server = await startFaultServer(hangs);
    await server[Symbol.asyncDispose]();
    const { llm, events, slept } = setUpClient(server.url);
    const error = await failureOf(llm.complete(HELLO));
    expect(error.code).toBe('ENDPOINT_UNREACHABLE');
    expect(error.message).toContain('ECONNREFUSED');
    expect(slept).toHaveLength(2);
    expect(events).toHaveLength(3);
    expect(events[0]).toMatchObject({ promptTokens: 0, completionTokens: 0, estimated: false });
  });

  it('gives up on a server that hangs, without another try, and estimates the prompt', async () => {
    await using server = await startFaultServer(hangs);
    const { llm, events } = setUpClient(server.url, { timeoutMs: 80 });
    const error = await failureOf(llm.complete(HELLO));
    expect(error.code).toBe('TIMED_OUT');
    expect(error.traits.retryable).toBe(true);
    expect(server.seen).toHaveLength(1);
    expect(events).toMatchObject([{ ok: false, promptTokens: 2, completionTokens: 0, estimated: true }]);
  });

  it('waits as long as Retry-After says, in seconds or as a date, then succeeds', async () => {
    const date = new Date(Date.now() + 60_000).toUTCString();
    await using server = await startFaultServer(
      answers(
        fails(429, 'slow', { 'retry-after': '7' }),
        fails(503, 'x', { 'retry-after': date }),
        says('hi'),
      ),
    );
    const { llm, slept, events } = setUpClient(server.url);
    expect((await llm.complete(HELLO)).text).toBe('hi');
    expect(slept[0]).toBe(7_000);
    expect(slept[1]).toBeGreaterThan(50_000);
    expect(slept[1]).toBeLessThanOrEqual(60_000);
    expect(events.map((event) => event.ok)).toEqual([false, false, true]);
  });

  it('survives a burst of two 500s', async () => {
    await using server = await startFaultServer(answers(fails(500), fails(502), says('back')));
    const { llm, slept } = setUpClient(server.url);
    expect((await llm.complete(HELLO)).text).toBe('back');
    expect(slept[0]).toBeGreaterThanOrEqual(250);
    expect(slept[0]).toBeLessThanOrEqual(500);
    expect(slept[1]).toBeGreaterThanOrEqual(500);
    expect(slept[1]).toBeLessThanOrEqual(1_000);
  });

  it('rejects with the reason of the signal and reports the call', async () => {
    await using server = await startFaultServer(hangs);
    const { llm, events } = setUpClient(server.url);
    const abort = new AbortController();
    const reason = new LlmError('TIMED_OUT', 'enough');
    const pending = llm.complete({ ...HELLO, signal: abort.signal });
    while (server.seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    abort.abort(reason);
    await expect(pending).rejects.toBe(reason);
    expect(events).toMatchObject([{ ok: false }]);
    while (server.abandoned() === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(server.seen).toHaveLength(1);
  });

  it('sends nothing when the signal is already aborted', async () => {
    await using server = await startFaultServer(says('hi'));
    const { llm } = setUpClient(server.url);
    await expect(llm.complete({ ...HELLO, signal: AbortSignal.abort(new Error('gone')) })).rejects.toThrow(
      'gone',
    );
    expect(server.seen).toEqual([]);
  });
});

describe('usage', () => {
  it('takes what the server reports, with role, model and attribution', async () => {
    await using server = await startFaultServer(says('hi'));
    const { llm, events } = setUpClient(server.url, { models: { planner: 'm2' } });
    const { usage, model, finishReason } = await llm.complete({ ...HELLO, temperature: 0, maxTokens: 3 });
    expect({ usage, model, finishReason }).toEqual({
      usage: { promptTokens: 7, completionTokens: 5, estimated: false },
      model: 'm-reported',
      finishReason: 'stop',
    });
    const sent: unknown = JSON.parse(server.seen[0]?.body ?? '');
    expect(sent).toEqual({
      model: 'm2',
      messages: [{ role: 'user', content: 'Hello' }],
      max_tokens: 3,
      temperature: 0,
    });
    expect(server.seen[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
    expect(events).toMatchObject([
      { role: 'planner', endpoint: 'test-endpoint', model: 'm-reported', ok: true, httpStatus: 200 },
    ]);
  });

  it.each([
    ['missing', undefined],
    ['null', null],
    ['negative', { prompt_tokens: -1, completion_tokens: 3 }],
    ['absurd', { prompt_tokens: 1e300, completion_tokens: 3 }],
  ])('is estimated from the characters when %s', async (_name, usage) => {
    await using server = await startFaultServer((response) =>
      json(response, 200, completion('12345678', usage)),
    );
    const { llm } = setUpClient(server.url);
    expect((await llm.complete(HELLO)).usage).toEqual({
      promptTokens: 2,
      completionTokens: 2,
      estimated: true,
    });
  });

  it('takes no identity from the environment', async () => {
    await using server = await startFaultServer(says('hi'));
    const names = {
      OPENAI_API_KEY: 'sk-environment',
      OPENAI_CUSTOM_HEADERS: 'Authorization: Bearer sk-environment',
    };
    for (const [name, value] of Object.entries({ ...names, OPENAI_ORG_ID: 'org' })) vi.stubEnv(name, value);
    try {
      await setUpClient(server.url).llm.complete(HELLO);
      const endpoints = [{ name: 'open', baseUrl: server.url, model: 'm1' }];
      await setUpClient(server.url, { endpoints }).llm.complete(HELLO);
    } finally {
      vi.unstubAllEnvs();
    }
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${KEY}`, undefined]);
    expect(server.seen[0]?.headers['openai-organization']).toBeUndefined();
  });

  it('does not repeat a key that cannot be sent', async () => {
    await using server = await startFaultServer(says('hi'));
    const endpoint = { name: 'e', baseUrl: server.url, model: 'm1', apiKey: new Secret('sk-canary\nsecond') };
    const { llm } = setUpClient('', { endpoints: [endpoint] });
    const thrown: unknown = await llm.complete(HELLO).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(LlmError);
    expect(inspect(thrown)).not.toContain('canary');
    expect(server.seen).toEqual([]);
  });

  it('sends no authorization without a key', async () => {
    await using server = await startFaultServer(says('hi'));
    const { llm } = setUpClient(server.url, {
      endpoints: [{ name: 'open', baseUrl: `${server.url}/v1/`, model: 'm1' }],
    });
    await llm.complete(HELLO);
    expect(server.seen[0]).toMatchObject({ path: '/v1/chat/completions' });
    expect(server.seen[0]?.headers.authorization).toBeUndefined();
  });
});
