import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Secret } from '@agentswarm/core';
import { createCassetteRecorder, createReplayServer, readCassette } from '@agentswarm/llm-client/cassette';
import { describe, expect, it } from 'vitest';
import { HELLO, KEY, setUpClient } from './client-setup.ts';
import { answers, fails, startFaultServer } from './fault-server.ts';
import { HEALTHY_BODY, HEALTHY_EVENTS, HEALTHY_TEXT, sendsBody, sendsEvents } from './faults/answer-parts.ts';
import { openGateway, post, PROVIDER_KEY } from './gateway-setup.ts';
import { makeTempDir } from './script-dir.ts';

const healthy = () =>
  startFaultServer((response, request) => {
    const { stream } = JSON.parse(request.body) as { stream?: boolean };
    return (stream === true ? sendsEvents(HEALTHY_EVENTS) : sendsBody(HEALTHY_BODY))(response, request);
  });

describe('what a client does', () => {
  it('is recorded and played back to it without the server', async () => {
    await using dir = await makeTempDir();
    const path = join(dir.path, 'run.jsonl');
    const ask = async (llm: ReturnType<typeof setUpClient>['llm']) => {
      const { text } = await llm.complete(HELLO);
      let streamed = '';
      for await (const part of llm.stream(HELLO)) if (part.type === 'text') streamed += part.text;
      return [text, streamed];
    };
    {
      await using server = await healthy();
      await using recorder = createCassetteRecorder({ path, secrets: [new Secret(KEY)] });
      expect(await ask(setUpClient(server.url, { recorder }).llm)).toEqual([HEALTHY_TEXT, HEALTHY_TEXT]);
    }
    expect(await readFile(path, 'utf8')).not.toContain(KEY);
    await using replay = await createReplayServer({
      cassette: await readCassette(path),
      mode: 'strict',
      timing: 'none',
    });
    expect(await ask(setUpClient(replay.url).llm)).toEqual([HEALTHY_TEXT, HEALTHY_TEXT]);
  });

  it('is recorded with its failures', async () => {
    await using dir = await makeTempDir();
    const path = join(dir.path, 'run.jsonl');
    await using server = await startFaultServer(answers(fails(500, `no ${KEY}`), sendsBody(HEALTHY_BODY)));
    {
      await using recorder = createCassetteRecorder({ path, secrets: [new Secret(KEY)] });
      await setUpClient(server.url, { recorder }).llm.complete(HELLO);
    }
    const { exchanges } = await readCassette(path);
    expect(exchanges.map(({ response }) => response?.status)).toEqual([500, 200]);
    expect(await readFile(path, 'utf8')).not.toContain(KEY);
  });
});

describe('what goes through the gateway', () => {
  it('is recorded as the endpoint saw it and answered it', async () => {
    await using dir = await makeTempDir();
    const path = join(dir.path, 'run.jsonl');
    await using server = await healthy();
    let token: string;
    const body = {
      model: 'default',
      messages: HELLO.messages,
      stream: true,
      stream_options: { include_usage: true },
    };
    {
      await using recorder = createCassetteRecorder({ path, secrets: [new Secret(PROVIDER_KEY)] });
      await using bench = await openGateway(server.url, { recorder });
      const grant = bench.grantFor('t');
      token = grant.token.reveal();
      expect((await post(grant, body)).text).toBe(HEALTHY_EVENTS.join(''));
    }
    const text = await readFile(path, 'utf8');
    expect([text.includes(PROVIDER_KEY), text.includes(token)]).toEqual([false, false]);
    await using replay = await createReplayServer({
      cassette: await readCassette(path),
      mode: 'strict',
      timing: 'none',
    });
    const response = await fetch(`${replay.url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ ...body, model: 'm-real' }),
    });
    expect(await response.text()).toBe(HEALTHY_EVENTS.join(''));
  });
});
