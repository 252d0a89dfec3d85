import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  chunk,
  completion,
  cutsBody,
  cutsStream,
  errorBody,
  fails,
  hangs,
  json,
  startFaultServer,
  type Behaviour,
} from './fault-server.ts';
import { openGateway, post, PROVIDER_KEY, until } from './gateway-setup.ts';

const MESSAGES = [{ role: 'user', content: 'Hello' }];
const CALL = { messages: MESSAGES, stream: true };

describe('a faulty endpoint behind the gateway', () => {
  it.each([
    [401, {}],
    [404, {}],
    [429, { 'retry-after': '3' }],
    [500, {}],
    [503, { 'retry-after': '1' }],
  ])('passes %i with its body and Retry-After on, once', async (status, headers) => {
    await using server = await startFaultServer(fails(status, 'told you', headers));
    await using bench = await openGateway(server.url);
    const answer = await post(bench.grantFor('a'), CALL);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toEqual(errorBody('told you'));
    expect(answer.headers.get('retry-after')).toBe(new Headers(headers).get('retry-after'));
    expect(server.seen).toHaveLength(1);
    expect(bench.events).toMatchObject([
      { ok: false, httpStatus: status, promptTokens: 0, completionTokens: 0, taskId: 'a', attemptId: 'a.1' },
    ]);
  });

  it('answers a refused connection with 502', async () => {
    const server = await startFaultServer(hangs);
    await server[Symbol.asyncDispose]();
    await using bench = await openGateway(server.url);
    const answer = await post(bench.grantFor('a'), CALL);
    expect(answer.status).toBe(502);
    expect(JSON.parse(answer.text)).toEqual({
      error: {
        type: 'server_error',
        code: 'endpoint_unreachable',
        message: 'endpoint provider cannot be reached: ECONNREFUSED',
        param: null,
      },
    });
    expect(bench.events).toMatchObject([{ ok: false, promptTokens: 0, estimated: false }]);
  });

  it('answers a silent endpoint with 504', async () => {
    await using server = await startFaultServer(hangs);
    await using bench = await openGateway(server.url, { requestTimeoutMs: 80 });
    const answer = await post(bench.grantFor('a'), CALL);
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([
      504,
      { error: { code: 'endpoint_timed_out' } },
    ]);
    expect(bench.events).toMatchObject([{ ok: false, promptTokens: 3, estimated: true }]);
    await until(() => server.abandoned() === 1);
  });

  it('does not follow redirects, which could carry the key elsewhere', async () => {
    await using server = await startFaultServer((response) => {
      response.writeHead(307, { location: 'http://127.0.0.1:1/v1' }).end();
    });
    await using bench = await openGateway(server.url);
    const answer = await post(bench.grantFor('a'), CALL);
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([
      502,
      { error: { code: 'endpoint_answer_unusable' } },
    ]);
    expect(server.seen).toHaveLength(1);
  });

  const stalls: Behaviour = (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(chunk({ content: 'Hel' }));
  };
  it.each([
    ['a stream', cutsStream, 30_000],
    ['a JSON body', cutsBody, 30_000],
    ['a stream that stalls', stalls, 1_000],
  ])('cuts the connection to the client when %s is cut', async (_name, behaviour, requestTimeoutMs) => {
    await using server = await startFaultServer(behaviour);
    await using bench = await openGateway(server.url, { requestTimeoutMs });
    await expect(post(bench.grantFor('a'), CALL)).rejects.toThrow();
    await until(() => bench.events.length === 1);
    expect(bench.events).toMatchObject([{ ok: false, httpStatus: 200, promptTokens: 3, estimated: true }]);
    expect(bench.events[0]?.completionTokens).toBeGreaterThan(0);
  });

  it.each([
    ['that ends without a finish', chunk({ content: 'Hel' })],
    ['that turns into an error', `${chunk({ content: 'Hel' })}data: {"error":{"message":"overloaded"}}\n\n`],
  ])('passes a stream %s on and reports it as failed', async (_name, text) => {
    await using server = await startFaultServer((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end(text);
    });
    await using bench = await openGateway(server.url);
    expect((await post(bench.grantFor('a'), CALL)).text).toBe(text);
    expect(bench.events).toMatchObject([{ ok: false, httpStatus: 200 }]);
  });

  it('aborts the request to the endpoint when the client leaves', async () => {
    await using server = await startFaultServer(stalls);
    await using bench = await openGateway(server.url);
    const abort = new AbortController();
    const pending = post(bench.grantFor('a'), CALL, { signal: abort.signal });
    const failed = expect(pending).rejects.toThrow();
    await until(() => server.seen.length === 1);
    abort.abort();
    await failed;
    await until(() => server.abandoned() === 1);
    await until(() => bench.events.length === 1);
    expect(bench.events).toMatchObject([{ ok: false }]);
  });

  it('repeats a request whose kept-alive connection the endpoint had closed', async () => {
    let closedIdle = 0;
    const server = createServer((request, response) => {
      request.resume();
      json(response, 200, completion('ok', undefined));
    });
    // The second request on a connection meets a reset, as with a server whose keep-alive has just ended.
    server.on('connection', (socket) => {
      let requests = 0;
      socket.prependListener('data', (data: Buffer) => {
        if (!data.toString('latin1').startsWith('POST')) return;
        requests += 1;
        if (requests === 2) {
          closedIdle += 1;
          socket.resetAndDestroy();
        }
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await using bench = await openGateway(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const grant = bench.grantFor('a');
    expect((await post(grant, { messages: MESSAGES })).status).toBe(200);
    expect((await post(grant, { messages: MESSAGES })).status).toBe(200);
    expect(closedIdle).toBe(1);
    expect(bench.events.map(({ ok }) => ok)).toEqual([true, true]);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('the provider key', () => {
  const echoes: Readonly<Record<string, Behaviour>> = {
    'an error that quotes it': fails(401, `Incorrect API key provided: ${PROVIDER_KEY}`, {
      'x-request-id': PROVIDER_KEY,
    }),
    'a JSON answer': (response) => json(response, 200, completion(`key ${PROVIDER_KEY}`, undefined)),
    'a stream, split inside the key': (response) => {
      const bytes = Buffer.from(chunk({ content: PROVIDER_KEY }));
      const at = bytes.indexOf(PROVIDER_KEY) + 9;
      response.writeHead(200, { 'content-type': 'text/event-stream', 'x-ratelimit-key': PROVIDER_KEY });
      response.write(bytes.subarray(0, at));
      setTimeout(() => response.end(bytes.subarray(at)), 30);
    },
    'an error page': (response) => response.writeHead(502).end(`<pre>${PROVIDER_KEY}</pre>`),
    'a broken stream': (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk({ content: PROVIDER_KEY }), () => response.destroy());
    },
  };
  it.each(Object.entries(echoes))(
    'never comes back in %s, an event or a log line',
    async (_name, behaviour) => {
      await using server = await startFaultServer(behaviour);
      await using bench = await openGateway(server.url);
      const answer = await post(bench.grantFor('a'), CALL).catch((error: unknown) => error);
      expect(server.seen[0]?.headers.authorization).toContain(PROVIDER_KEY);
      const everything = inspect([answer, bench.events, bench.logged, bench.gateway], {
        depth: null,
        showHidden: true,
        maxStringLength: null,
      });
      expect(everything).not.toContain(PROVIDER_KEY);
      expect(JSON.stringify(bench.logged)).not.toContain(PROVIDER_KEY);
    },
  );
});
