import { once } from 'node:events';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { Secret } from '@agentswarm/core';
import { createBudget, memoryBudgetStore, type BudgetStore } from '@agentswarm/llm-client';
import { describe, expect, it } from 'vitest';
import {
  chunk,
  completion,
  cutsBody,
  cutsStream,
  fails,
  hangs,
  says,
  startFaultServer,
} from './fault-server.ts';
import { openGateway, post, rawRequest, until } from './gateway-setup.ts';

const CALL = { messages: [{ role: 'user', content: 'Hello' }] };

describe('however a call ends, its slot and its money come back', () => {
  it('when the provider’s key cannot be sent', async () => {
    await using server = await startFaultServer(says('hi'));
    await using budget = await createBudget();
    const apiKey = new Secret('sk-canary\nwith-two-lines');
    const endpoints = [{ name: 'a', baseUrl: server.url, model: 'm', apiKey, limits: { concurrency: 1 } }];
    await using bench = await openGateway('', { endpoints, budget, limits: { maxWaitMs: 100 } });
    const grant = bench.grantFor('t');
    const answers = [await post(grant, CALL), await post(grant, CALL)];
    expect(answers.map(({ status }) => status)).toEqual([502, 502]);
    expect(JSON.stringify([answers, bench.logged])).not.toContain('canary');
    expect(bench.events).toMatchObject([{ ok: false }, { ok: false }]);
    expect(bench.gateway.router.status()).toMatchObject([{ inFlight: 0 }]);
    expect(budget.status()).toMatchObject({ spent: { tokens: 0 }, reserved: { tokens: 0 } });
  });

  it('when the recorder fails', async () => {
    await using server = await startFaultServer(says('hi'));
    await using budget = await createBudget();
    const begin = () => {
      throw new RangeError('no space');
    };
    await using bench = await openGateway(server.url, { budget, recorder: { begin } });
    expect((await post(bench.grantFor('t'), CALL)).status).toBe(500);
    expect(bench.gateway.router.status()).toMatchObject([{ inFlight: 0 }]);
    expect(budget.status().reserved.tokens).toBe(0);
    expect(bench.events).toMatchObject([{ ok: false, promptTokens: 0 }]);
  });

  it('when the token is revoked while money is reserved: nothing is sent', async () => {
    await using server = await startFaultServer(says('hi'));
    const store = memoryBudgetStore();
    const reserving = Promise.withResolvers<undefined>();
    const go = Promise.withResolvers<undefined>();
    const append: BudgetStore['append'] = async (entry) => {
      if (entry.type === 'reserved') {
        reserving.resolve(undefined);
        await go.promise;
      }
      await store.append(entry);
    };
    await using budget = await createBudget({ store: { ...store, append } });
    await using bench = await openGateway(server.url, { budget });
    const grant = bench.grantFor('t');
    const failed = expect(post(grant, CALL)).rejects.toThrow();
    await reserving.promise;
    grant.revoke();
    go.resolve(undefined);
    await failed;
    await until(() => bench.events.length === 1);
    expect(budget.status()).toMatchObject({ spent: { tokens: 0 }, reserved: { tokens: 0 } });
    expect(server.seen).toEqual([]);
  });

  it('before a gateway that is closed says so', async () => {
    await using server = await startFaultServer(hangs);
    const store = memoryBudgetStore();
    const append: BudgetStore['append'] = async (entry) => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      await store.append(entry);
    };
    const budget = await createBudget({ store: { ...store, append } });
    await using bench = await openGateway(server.url, { budget });
    const failed = expect(post(bench.grantFor('t'), CALL)).rejects.toThrow();
    await until(() => server.seen.length === 1);
    await bench.gateway.close();
    expect(bench.events).toMatchObject([{ ok: false, estimated: true }]);
    expect(budget.status()).toMatchObject({ spent: { tokens: 3 }, reserved: { tokens: 0 } });
    expect((await store.read()).map(({ type }) => type)).toContain('settled');
    await failed;
    await budget[Symbol.asyncDispose]();
  });
});

describe('an endpoint is blamed', () => {
  it.each([
    ['a stream', cutsStream],
    ['a body', cutsBody],
  ])('for cutting %s', async (_name, behaviour) => {
    await using server = await startFaultServer(behaviour);
    await using bench = await openGateway(server.url);
    await expect(post(bench.grantFor('t'), CALL)).rejects.toThrow();
    await until(() => bench.events.length === 1);
    expect(bench.gateway.router.status()).toMatchObject([{ failures: 1, inFlight: 0 }]);
  });
});

describe('an endpoint is not blamed', () => {
  it('for a client that does not read', async () => {
    const piece = chunk({ content: 'x'.repeat(60_000) });
    await using server = await startFaultServer((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const write = (): void => {
        while (response.write(piece));
        response.once('drain', write);
      };
      write();
    });
    await using bench = await openGateway(server.url, { requestTimeoutMs: 1_000 });
    const grant = bench.grantFor('t');
    const body = JSON.stringify({ ...CALL, stream: true });
    const socket = connect(Number(new URL(grant.url).port), '127.0.0.1').pause();
    await once(socket, 'connect');
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nHost: ${new URL(grant.url).host}\r\n` +
        `Authorization: Bearer ${grant.token.reveal()}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await until(() => bench.events.length === 1);
    socket.destroy();
    expect(bench.events).toMatchObject([{ ok: false }]);
    expect(bench.gateway.router.status()).toMatchObject([{ failures: 0, inFlight: 0 }]);
  });

  it('for an answer that nobody can read on its way', async () => {
    await using server = await startFaultServer((response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      response.end(gzipSync(JSON.stringify(completion('hi', undefined))));
    });
    await using bench = await openGateway(server.url);
    const port = Number(new URL(bench.gateway.url ?? '').port);
    const headers = { authorization: `Bearer ${bench.grantFor('t').token.reveal()}` };
    const request = { port, path: '/v1/chat/completions', method: 'POST', body: JSON.stringify(CALL) };
    expect((await rawRequest({ ...request, headers })).status).toBe(200);
    expect(bench.gateway.router.status()).toMatchObject([{ failures: 0 }]);
  });
});

it('is reached under any loopback address it listens on', async (context) => {
  context.skip(process.platform !== 'linux', 'other systems have one loopback address');
  await using server = await startFaultServer(fails(418));
  await using bench = await openGateway(server.url, { tcp: { host: '127.0.0.2' } });
  expect((await post(bench.grantFor('t'), CALL)).status).toBe(418);
});
