import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Secret } from '@agentswarm/core';
import { createGateway } from '@agentswarm/llm-client';
import { describe, expect, it } from 'vitest';
import { chunk, completion, json, says, startFaultServer, type Behaviour } from './fault-server.ts';
import { openGateway, post, PROVIDER_KEY, rawRequest, until } from './gateway-setup.ts';
import { makeTempDir } from './script-dir.ts';

const MESSAGES = [{ role: 'user', content: 'Hello' }];
const DONE = 'data: [DONE]\n\n';

const streams: Behaviour = (response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'x-internal': 'no', 'x-request-id': 'r1' });
  response.end(chunk({ content: 'hi' }) + chunk({}, 'stop') + DONE);
};

describe('who may call', () => {
  it('accepts a granted token on the Unix socket and on TCP', async () => {
    await using server = await startFaultServer(says('hi'));
    await using bench = await openGateway(server.url);
    const grant = bench.grantFor('a');
    const body = JSON.stringify({ model: 'm-real', messages: MESSAGES });
    const headers = { authorization: `Bearer ${grant.token.reveal()}`, host: 'whatever' };
    const { socketPath } = grant;
    const viaSocket = { socketPath, path: '/chat/completions', method: 'POST', headers, body };
    expect((await rawRequest(viaSocket)).status).toBe(200);
    expect((await post(grant, body)).status).toBe(200);
    expect((await stat(socketPath)).mode & 0o777).toBe(0o600);
    expect(server.seen.map((seen) => seen.headers.authorization)).toEqual([
      `Bearer ${PROVIDER_KEY}`,
      `Bearer ${PROVIDER_KEY}`,
    ]);
  });

  it('refuses missing, unknown and revoked tokens and cuts what a revoked one has open', async () => {
    await using server = await startFaultServer(() => {});
    await using bench = await openGateway(server.url);
    const grant = bench.grantFor('a');
    const open = post(grant, { messages: MESSAGES });
    const failed = expect(open).rejects.toThrow();
    await until(() => server.seen.length === 1);
    grant.revoke();
    grant.revoke();
    await failed;
    await until(() => server.abandoned() === 1);
    for (const headers of [undefined, { authorization: 'Bearer nope' }, { authorization: 'Basic x' }]) {
      const answer = await post(grant, { messages: MESSAGES }, headers ? { headers } : {});
      expect(answer.status).toBe(401);
      expect(JSON.parse(answer.text)).toMatchObject({
        error: { type: 'authentication_error', code: 'invalid_api_key' },
      });
    }
    expect(server.seen).toHaveLength(1);
    expect(bench.events).toMatchObject([{ ok: false, taskId: 'a', estimated: true }]);
  });

  it('refuses foreign hosts and web pages on TCP', async () => {
    await using server = await startFaultServer((response) =>
      json(response, 200, { data: [{ id: 'm-real' }] }),
    );
    await using bench = await openGateway(server.url);
    const grant = bench.grantFor('a');
    const port = Number(new URL(grant.url).port);
    const authorization = `Bearer ${grant.token.reveal()}`;
    const status = async (headers: Record<string, string>) =>
      (await rawRequest({ port, path: '/v1/models', headers: { authorization, ...headers } })).status;
    expect(await status({ host: 'evil.example' })).toBe(403);
    expect(await status({ host: `localhost:${port}` })).toBe(200);
    expect(await status({ host: `localhost:${port}`, origin: 'http://evil.example' })).toBe(403);
    expect(server.seen).toHaveLength(1);
  });
});

it('answers under the name of what leads to it, where it was told of one', async () => {
  await using server = await startFaultServer((response) =>
    json(response, 200, { data: [{ id: 'm-real' }] }),
  );
  await using bench = await openGateway(server.url, { tcp: { names: ['swarm.example'] } });
  const grant = bench.grantFor('a');
  const port = Number(new URL(grant.url).port);
  const authorization = `Bearer ${grant.token.reveal()}`;
  const status = async (host: string) =>
    (await rawRequest({ port, path: '/v1/models', headers: { authorization, host } })).status;
  expect(await status('swarm.example')).toBe(200);
  expect(await status('other.swarm.example')).toBe(403);
});

describe('what is served', () => {
  it('refuses other paths, other methods, other models and unusable bodies', async () => {
    await using server = await startFaultServer(says('hi'));
    await using bench = await openGateway(server.url, { limits: { maxBodyBytes: 1000 } });
    const grant = bench.grantFor('a');
    const headers = { authorization: `Bearer ${grant.token.reveal()}` };
    const code = (text: string) => (JSON.parse(text) as { error: { code: string } }).error.code;
    expect((await fetch(`${grant.url}/embeddings`, { headers })).status).toBe(404);
    expect((await fetch(`${grant.url}/chat/completions`, { headers })).status).toBe(405);
    for (const [body, status, expected] of [
      ['{', 400, 'invalid_body'],
      ['[]', 400, 'invalid_body'],
      [{ model: 'gpt-5', messages: MESSAGES }, 404, 'model_not_found'],
      [{ messages: 'x'.repeat(2000) }, 413, 'request_too_large'],
    ] as const) {
      const answer = await post(grant, body);
      expect([answer.status, code(answer.text)]).toEqual([status, expected]);
    }
    expect(server.seen).toEqual([]);
    expect(bench.events).toEqual([]);
  });

  it('answers 413 to a body of unknown length, too', async () => {
    await using server = await startFaultServer(says('hi'));
    await using bench = await openGateway(server.url);
    const grant = bench.grantFor('a');
    const big = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let sent = 0; sent < 11; sent += 1) controller.enqueue(new Uint8Array(1024 * 1024).fill(32));
        controller.close();
      },
    });
    const response = await fetch(`${grant.url}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${grant.token.reveal()}` },
      body: big,
      duplex: 'half',
    });
    expect(response.status).toBe(413);
  });

  it('passes what it does not know on', async () => {
    await using server = await startFaultServer(says('hi'));
    await using bench = await openGateway(server.url);
    const body = { model: 'm-real', messages: [], seed: 7, top_k: null, x: { y: [1, 'z'] } };
    await post(bench.grantFor('a'), body);
    expect(JSON.parse(server.seen[0]?.body ?? '')).toEqual(body);
    expect(server.seen[0]?.path).toBe('/v1/chat/completions');
  });

  it.each(['worker', 'default', undefined])(
    'puts the granted model for the alias %s and asks for usage',
    async (model) => {
      await using server = await startFaultServer(streams);
      await using bench = await openGateway(server.url);
      const grant = bench.grantFor('a', 'm-granted');
      expect(grant.model).toBe('m-granted');
      await post(grant, { model, messages: MESSAGES, stream: true, stream_options: { x: 1 } });
      expect(JSON.parse(server.seen[0]?.body ?? '')).toEqual({
        model: 'm-granted',
        messages: MESSAGES,
        stream: true,
        stream_options: { x: 1, include_usage: true },
      });
    },
  );

  it('passes the bytes of a stream and the useful headers on, unchanged', async () => {
    await using server = await startFaultServer(streams);
    await using bench = await openGateway(server.url);
    const answer = await post(bench.grantFor('a'), { messages: MESSAGES, stream: true });
    expect(answer.text).toBe(chunk({ content: 'hi' }) + chunk({}, 'stop') + DONE);
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    expect(answer.headers.get('x-request-id')).toBe('r1');
    expect(answer.headers.get('x-internal')).toBeNull();
    expect(bench.events).toMatchObject([
      {
        ok: true,
        httpStatus: 200,
        promptTokens: 3,
        completionTokens: 1,
        estimated: true,
        model: 'm-reported',
      },
    ]);
  });

  it('delivers each chunk before the next one exists', async () => {
    let release = () => {};
    await using server = await startFaultServer((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk({ content: 'one' }));
      release = () => response.end(chunk({}, 'stop') + DONE);
    });
    await using bench = await openGateway(server.url);
    const grant = bench.grantFor('a');
    const response = await fetch(`${grant.url}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${grant.token.reveal()}` },
      body: JSON.stringify({ messages: MESSAGES, stream: true }),
    });
    const reader = response.body?.getReader();
    const first = await reader?.read();
    expect(Buffer.from(first?.value ?? []).toString()).toBe(chunk({ content: 'one' }));
    release();
    while ((await reader?.read())?.done === false);
    expect(bench.events).toHaveLength(1);
  });

  it('stops reading from the endpoint while the client does not read', async () => {
    const piece = chunk({ content: 'x'.repeat(60_000) });
    let written = 0;
    await using server = await startFaultServer((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const write = () => {
        while (written < 2_000) {
          written += 1;
          if (!response.write(piece)) {
            response.once('drain', write);
            return;
          }
        }
        response.end(chunk({}, 'stop') + DONE);
      };
      write();
    });
    await using bench = await openGateway(server.url);
    const grant = bench.grantFor('a');
    const response = await fetch(`${grant.url}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${grant.token.reveal()}` },
      body: JSON.stringify({ messages: MESSAGES, stream: true }),
    });
    let before = -1;
    while (before !== written) {
      before = written;
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    expect(written).toBeLessThan(1_000);
    let bytes = 0;
    for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) bytes += part.length;
    expect(bytes).toBeGreaterThan(2_000 * 60_000);
  });
});

describe('accounting', () => {
  it('attributes the tokens of two attempts separately', async () => {
    await using server = await startFaultServer((response, { body }) => {
      const tokens = body.includes('long') ? 900 : 9;
      json(response, 200, completion('ok', { prompt_tokens: tokens, completion_tokens: 1 }));
    });
    await using bench = await openGateway(server.url, { models: { worker: 'm-worker' } });
    const [a, b] = [bench.grantFor('task-a'), bench.grantFor('task-b')];
    await Promise.all([
      post(a, { messages: [{ role: 'user', content: 'long' }] }),
      post(b, { messages: MESSAGES }),
      post(b, { messages: MESSAGES }),
    ]);
    const total = (attemptId: string) =>
      bench.events
        .filter((event) => event.attemptId === attemptId)
        .reduce((sum, event) => sum + event.promptTokens, 0);
    expect([total('task-a.1'), total('task-b.1'), bench.events.length]).toEqual([900, 18, 3]);
    expect(server.seen.every(({ body }) => body.includes('"model":"m-worker"'))).toBe(true);
  });

  it('counts a call before its client sees the end of the answer', async () => {
    await using server = await startFaultServer(streams);
    await using bench = await openGateway(server.url);
    const grant = bench.grantFor('a');
    for (let call = 1; call <= 20; call += 1) {
      await post(grant, { messages: MESSAGES, stream: true });
      expect(bench.events).toHaveLength(call);
    }
  });

  it('cuts the answer when the call cannot be reported', async () => {
    await using server = await startFaultServer(streams);
    await using bench = await openGateway(server.url, {
      onCall: () => {
        throw new Error('disk full');
      },
    });
    await expect(post(bench.grantFor('a'), { messages: MESSAGES, stream: true })).rejects.toThrow();
  });
});

describe('the socket', () => {
  it('is gone after closing, and open calls are cut', async () => {
    await using server = await startFaultServer(() => {});
    await using dir = await makeTempDir();
    const gateway = await createGateway({
      endpoints: [{ name: 'p', baseUrl: server.url, model: 'm' }],
      onCall: () => {},
      socketDir: join(dir.path, 'new'),
    });
    expect(gateway.url).toBeUndefined();
    const { token, socketPath } = gateway.grant({ role: 'worker' });
    const headers = { authorization: `Bearer ${token.reveal()}` };
    const open = rawRequest({ socketPath, path: '/v1/models', headers });
    const failed = expect(open).rejects.toThrow();
    await until(() => server.seen.length === 1);
    expect(server.seen[0]?.headers.authorization).toBeUndefined();
    await gateway.close();
    await gateway.close();
    await failed;
    expect(await readdir(join(dir.path, 'new'))).toEqual([]);
    await until(() => server.abandoned() === 1);
  });

  it('is refused when its path is too long for the system', async () => {
    await expect(
      createGateway({
        endpoints: [{ name: 'p', baseUrl: 'http://h', apiKey: new Secret('x'), model: 'm' }],
        onCall: () => {},
        socketDir: `/tmp/${'d'.repeat(100)}`,
      }),
    ).rejects.toMatchObject({
      code: 'GATEWAY_UNAVAILABLE',
      message: expect.stringMatching(/has 12\d bytes/) as string,
    });
  });
});
