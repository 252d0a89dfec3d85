import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Secret } from '@agentswarm/core';
import {
  createCassettePlayer,
  createReplayServer,
  diffCassettes,
  formatCassetteDiff,
  readCassette,
  type CassetteExchange,
  type MatchMode,
  type ReplayedRequest,
} from '@agentswarm/llm-client/cassette';
import fc from 'fast-check';
import OpenAI, { NotFoundError } from 'openai';
import { describe, expect, it } from 'vitest';
import { callChat, chatBody, exchangeOf } from './cassette-setup.ts';
import { answers, fails, hangs, says, startFaultServer } from './fault-server.ts';
import { cuts, HEALTHY_EVENTS, HEALTHY_TEXT, HEALTHY_USAGE } from './faults/answer-parts.ts';
import { makeTempDir, serveScript } from './script-dir.ts';

const NUM_RUNS = process.env['TEST_DEEP'] === undefined ? 100 : 2_000;

const asked = (content: string, extra: object = {}) => JSON.parse(chatBody(content, extra));
const user = (content: string) => ({ role: 'user', content });

async function replay(exchanges: readonly CassetteExchange[], mode: MatchMode) {
  const requests: ReplayedRequest[] = [];
  const server = await createReplayServer({
    cassette: { exchanges, cut: false },
    mode,
    timing: 'none',
    onRequest: (request) => requests.push(request),
  });
  const ask = (body: object) => callChat(server.url, JSON.stringify(body));
  return { url: server.url, ask, requests, [Symbol.asyncDispose]: () => server.close() };
}

const contentOf = (text: string): string => JSON.parse(text).choices[0].message.content;
const errorOf = (text: string): { code: string; message: string } => JSON.parse(text).error;

describe('strict replay', () => {
  const two = [exchangeOf(asked('a'), { text: '1' }), exchangeOf(asked('a'), { text: '2' })];

  it('uses each exchange once, in order, whatever the order of keys', async () => {
    await using server = await replay(two, 'strict');
    const turned = { messages: [{ content: 'a', role: 'user' }], model: 'm' };
    expect(contentOf((await server.ask(turned)).text)).toBe('1');
    expect(contentOf((await server.ask(asked('a'))).text)).toBe('2');
    const { status, text } = await server.ask(turned);
    expect(status).toBe(404);
    expect(errorOf(text)).toMatchObject({
      code: 'not_recorded',
      message: 'this request is not recorded: its 2 recording(s) have been used',
    });
    expect(server.requests).toMatchObject([
      { outcome: 'replayed', exchange: 1 },
      { outcome: 'replayed', exchange: 2 },
      { outcome: 'missed' },
    ]);
  });

  it.each([
    ['another temperature', { temperature: 1 }, 'temperature is absent instead of 1'],
    ['another form', { stream: true }, 'stream is absent instead of true'],
  ])('misses a request with %s', async (_name, extra, difference) => {
    await using server = await replay(two, 'strict');
    const { status, text } = await server.ask(asked('a', extra));
    expect(status).toBe(404);
    expect(errorOf(text).message).toBe(
      `this request is not recorded: the nearest is exchange 1, whose ${difference}`,
    );
  });

  it('names the nearest exchange and where it begins to differ', async () => {
    const long = 'x'.repeat(500);
    const far = exchangeOf({ model: 'other', messages: [user('b'), user('c')] });
    const near = exchangeOf({ model: 'm', messages: [user('b'), user(`${long} then this`)] });
    await using server = await replay([far, near], 'strict');
    const { text } = await server.ask({ model: 'm', messages: [user('b'), user(`${long} then that`)] });
    expect(errorOf(text).message).toMatch(
      /the nearest is exchange 2, whose messages\[1\]\.content is …x+ then this" instead of …x+ then that"$/,
    );
    await using empty = await replay([], 'strict');
    expect(errorOf((await empty.ask(asked('a'))).text).message).toContain('has no exchange of its kind');
  });

  it('lists the models of the exchanges, or as recorded', async () => {
    await using server = await replay(two, 'strict');
    const list = await (await fetch(`${server.url}/v1/models`)).json();
    expect(list).toMatchObject({ data: [{ id: 'm', object: 'model', owned_by: 'recorded' }] });
    const recorded = exchangeOf(null);
    const models = { ...recorded, request: { method: 'GET' as const, path: '/models', body: null } };
    await using other = await replay([models], 'strict');
    for (let time = 0; time < 2; time += 1) {
      expect(await (await fetch(`${other.url}/models`)).json()).toMatchObject({ object: 'chat.completion' });
    }
  });

  it('serves no web page', async () => {
    await using server = await replay(two, 'strict');
    const response = await fetch(`${server.url}/v1/models`, { headers: { origin: 'https://example.com' } });
    expect(response.status).toBe(403);
  });
});

describe('lenient replay', () => {
  it('ignores sampling, limits, form, identity and the names of tool-call ids, and reuses the last', async () => {
    const turn = (id: string) => ({
      model: 'm',
      messages: [
        user('a'),
        {
          role: 'assistant',
          tool_calls: [{ id, type: 'function', function: { name: 'f', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: id, content: 'done' },
      ],
    });
    const exchanges = [exchangeOf(turn('call_1'), { text: '1' }), exchangeOf(turn('x'), { text: '2' })];
    await using server = await replay(exchanges, 'lenient');
    const varied = { ...turn('other'), temperature: 1, max_tokens: 5, seed: 3, user: 'u', top_p: 0.5 };
    const texts = [];
    for (let time = 0; time < 4; time += 1) texts.push(contentOf((await server.ask(varied)).text));
    expect(texts).toEqual(['1', '2', '2', '2']);
    const crossed = turn('a');
    crossed.messages[2] = { role: 'tool', tool_call_id: 'b', content: 'done' };
    expect(errorOf((await server.ask(crossed)).text).message).toContain('messages[2].tool_call_id');
  });

  it('turns a whole answer into a stream and a stream into a whole answer', async () => {
    const stream = (events: readonly string[]): Partial<CassetteExchange> => ({
      response: {
        status: 200,
        headers: { 'content-type': 'text/event-stream' },
        headAtMs: 1,
        body: { kind: 'stream', chunks: events.map((data, index) => ({ atMs: index + 2, data })) },
      },
    });
    const whole = exchangeOf(asked('whole'), { text: HEALTHY_TEXT });
    const streamed = exchangeOf(asked('stream', { stream: true }), stream(HEALTHY_EVENTS));
    const broken = exchangeOf(asked('broken', { stream: true }), {
      ...stream(HEALTHY_EVENTS.slice(0, 3)),
      end: 'cut',
    });
    await using server = await replay([whole, streamed, broken], 'lenient');
    const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'any', maxRetries: 0 });
    const answer = await client.chat.completions.create({
      model: 'm',
      messages: [{ role: 'user', content: 'stream' }],
    });
    expect(answer.choices[0]).toMatchObject({ message: { content: HEALTHY_TEXT }, finish_reason: 'stop' });
    expect(answer.usage).toEqual(HEALTHY_USAGE);
    const runner = client.chat.completions.stream({
      model: 'm',
      messages: [{ role: 'user', content: 'whole' }],
    });
    expect((await runner.finalChatCompletion()).choices[0]?.message.content).toBe(HEALTHY_TEXT);
    expect(await server.ask(asked('broken'))).toMatchObject({ whole: false, text: '' });
    await using strict = await replay([whole], 'strict');
    const missed = new OpenAI({ baseURL: strict.url, apiKey: 'any', maxRetries: 0 }).chat.completions.create({
      model: 'm',
      messages: [{ role: 'user', content: 'whole' }],
      stream: true,
    });
    await expect(missed).rejects.toBeInstanceOf(NotFoundError);
  });
});

describe('matching', () => {
  const names = fc.constantFrom('a', 'b', 'c');
  const play = async (
    cassette: readonly CassetteExchange[],
    requests: readonly object[],
    mode: MatchMode,
  ) => {
    const chosen: (number | undefined)[] = [];
    const player = createCassettePlayer(
      { exchanges: cassette, cut: false },
      {
        mode,
        onRequest: (heard) => chosen.push(heard.outcome === 'replayed' ? heard.exchange : undefined),
      },
    );
    for (const request of requests) {
      const body = JSON.stringify(request);
      await player.answer({ method: 'POST', path: '/chat/completions', body }, new AbortController().signal);
    }
    return chosen;
  };

  it.each(['strict', 'lenient'] as const)(
    '%s: equal requests take equal exchanges in order',
    async (mode) => {
      await fc.assert(
        fc.asyncProperty(fc.array(names), fc.array(names), async (recorded, requested) => {
          const cassette = recorded.map((name) => exchangeOf(asked(name)));
          const chosen = await play(
            cassette,
            requested.map((name) => asked(name)),
            mode,
          );
          const expected = requested.map((name, index) => {
            const places = recorded.flatMap((other, at) => (other === name ? [at + 1] : []));
            const before = requested.slice(0, index).filter((other) => other === name).length;
            return places[before] ?? (mode === 'lenient' ? places.at(-1) : undefined);
          });
          expect(chosen).toEqual(expected);
          const turned = requested.map((name) => ({
            messages: [{ content: name, role: 'user' }],
            model: 'm',
          }));
          expect(await play(cassette, turned, mode)).toEqual(expected);
        }),
        { numRuns: NUM_RUNS },
      );
    },
  );
});

describe('record-missing', () => {
  const key = new Secret('sk-provider-canary-77aa');
  const rules = [
    { name: 'a', when: { lastUser: ['^a$'] }, steps: [{ text: 'Grüße 🌍 '.repeat(10) }] },
    { name: 'b', when: { lastUser: ['^b$'] }, steps: [{ text: 'b' }] },
  ];
  const body = (content: string, stream: boolean) =>
    JSON.stringify({ model: 'scripted-test', messages: [user(content)], stream });

  it('asks the endpoint once for what is not recorded, and replays it byte for byte', async () => {
    await using dir = await makeTempDir();
    const path = join(dir.path, 'new.jsonl');
    await using origin = await serveScript(rules);
    const endpoint = { name: 'origin', baseUrl: origin.url, model: 'scripted-test' };
    const seen = [];
    for (let round = 0; round < 2; round += 1) {
      await using server = await createReplayServer({
        mode: 'record-missing',
        path,
        endpoint,
        timing: 'none',
      });
      for (const content of ['a', 'b']) {
        for (const stream of [true, false]) seen.push(await callChat(server.url, body(content, stream)));
      }
      await fetch(`${server.url}/v1/models`);
    }
    expect(origin.requests).toHaveLength(4);
    expect(seen.slice(4)).toEqual(seen.slice(0, 4));
    expect(contentOf(seen[1]?.text ?? '')).toBe('Grüße 🌍 '.repeat(10));
    const cassette = await readCassette(path);
    expect(cassette.exchanges.map(({ request }) => request.path).toSorted()).toEqual([
      ...Array<string>(4).fill('/chat/completions'),
      '/models',
    ]);
    const direct = await callChat(origin.url, body('a', true));
    await using strict = await createReplayServer({ cassette, mode: 'strict', timing: 'none' });
    expect(await callChat(strict.url, body('a', true))).toEqual(direct);
  });

  it('keeps neither errors nor cut answers, and no key', async () => {
    await using dir = await makeTempDir();
    const path = join(dir.path, 'new.jsonl');
    await using origin = await startFaultServer(
      answers(
        fails(401, `bad key ${key.reveal()}`),
        cuts('text/event-stream', HEALTHY_EVENTS.slice(0, 2).join('')),
        says(`your key is ${key.reveal()}`),
      ),
    );
    const endpoint = { name: 'origin', baseUrl: origin.url, apiKey: key, model: 'm' };
    const seen = [];
    {
      await using server = await createReplayServer({ mode: 'record-missing', path, endpoint });
      for (let time = 0; time < 3; time += 1) seen.push(await callChat(server.url, chatBody('x')));
    }
    expect(seen.map(({ status, whole }) => [status, whole])).toEqual([
      [401, true],
      [200, false],
      [200, true],
    ]);
    expect(origin.seen[0]?.headers.authorization).toBe(`Bearer ${key.reveal()}`);
    expect((await readCassette(path)).exchanges).toHaveLength(1);
    expect(JSON.stringify(seen) + (await readFile(path, 'utf8'))).not.toContain(key.reveal());
  });

  it('answers 502 when the endpoint cannot be reached, and lets go when the client leaves', async () => {
    await using dir = await makeTempDir();
    const path = join(dir.path, 'new.jsonl');
    const gone = await startFaultServer(hangs);
    await gone[Symbol.asyncDispose]();
    const endpoint = { name: 'origin', baseUrl: gone.url, model: 'm' };
    await using server = await createReplayServer({ mode: 'record-missing', path, endpoint });
    const { status, text } = await callChat(server.url, chatBody('x'));
    expect([status, errorOf(text).code]).toEqual([502, 'endpoint_unreachable']);
    await using silent = await startFaultServer(hangs);
    const other = { ...endpoint, baseUrl: silent.url };
    await using waiting = await createReplayServer({ mode: 'record-missing', path, endpoint: other });
    expect((await callChat(waiting.url, chatBody('x'), { timeoutMs: 150 })).whole).toBe(false);
    while (silent.abandoned() === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });
});

describe('the difference of two cassettes', () => {
  const cassette = (...exchanges: readonly CassetteExchange[]) => ({ exchanges, cut: false });
  const streamOf = (exchange: CassetteExchange, events: readonly string[]): CassetteExchange => ({
    ...exchange,
    response: {
      status: 200,
      headers: { 'content-type': 'text/event-stream' },
      headAtMs: 15,
      body: { kind: 'stream', chunks: events.map((data) => ({ atMs: 40, data })) },
    },
  });

  it('is empty for equal answers, also in different forms', () => {
    const a = exchangeOf(asked('a'), { text: HEALTHY_TEXT });
    const withoutUsage = HEALTHY_EVENTS.filter((event) => !event.includes('"choices":[]'));
    const diff = diffCassettes(cassette(a), cassette(streamOf(a, withoutUsage)));
    expect(diff).toEqual({
      onlyInA: [],
      onlyInB: [],
      changed: [],
      same: 1,
      timing: { a: { headMs: 5, totalMs: 9 }, b: { headMs: 15, totalMs: 40 } },
    });
  });

  it('tells what is only in one and what is answered differently', () => {
    const unanswered = exchangeOf(asked('u'), { response: null, end: 'cut' });
    const a = cassette(
      exchangeOf(asked('same')),
      exchangeOf(asked('text'), { text: 'one' }),
      exchangeOf(asked('only a')),
      exchangeOf(asked('twice')),
      exchangeOf(asked('twice')),
      unanswered,
    );
    const b = cassette(
      exchangeOf(asked('u')),
      exchangeOf(asked('twice')),
      exchangeOf(asked('only b')),
      exchangeOf(asked('text'), { text: 'two' }),
      exchangeOf(asked('same')),
    );
    const diff = diffCassettes(a, b);
    expect(diff.onlyInA.map(({ number }) => number)).toEqual([3, 5]);
    expect(diff.onlyInB.map(({ number }) => number)).toEqual([3]);
    expect(diff.same).toBe(2);
    expect(diff.changed.map((entry) => [entry.a.number, entry.b.number, entry.differences])).toEqual([
      [2, 4, [{ kind: 'text', a: 'one', b: 'two' }]],
      [
        6,
        1,
        [
          { kind: 'status', a: null, b: 200 },
          { kind: 'end', a: 'cut', b: 'complete' },
          { kind: 'text', a: '', b: 'yes' },
          { kind: 'finish_reason', a: null, b: 'stop' },
        ],
      ],
    ]);
    expect(formatCassetteDiff(diff)).toMatchInlineSnapshot(`
      "2 the same, 2 answered differently, 2 only in a, 1 only in b
      median time to head and end: 5 and 9 ms in a, 5 and 9 ms in b
      only in a: exchange 3 (POST /chat/completions, m at origin)
      only in a: exchange 5 (POST /chat/completions, m at origin)
      only in b: exchange 3 (POST /chat/completions, m at origin)
      answers differ: exchange 2 (POST /chat/completions, m at origin), in b 4
        text: "one"
            → "two"
      answers differ: exchange 6 (POST /chat/completions, m at origin), in b 1
        status: null
              → 200
        end: "cut"
           → "complete"
        text: ""
            → "yes"
        finish_reason: null
                     → "stop"
      "
    `);
  });

  it('compares tool calls without ids and usage as reported', () => {
    const call = (id: string, args: string) =>
      `data: ${JSON.stringify({ choices: [{ index: 0, delta: { tool_calls: [{ index: 0, id, function: { name: 'f', arguments: args } }] } }] })}\n\n`;
    const usage = (count: number) =>
      `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: count } })}\n\n`;
    const base = exchangeOf(asked('a'));
    const one = streamOf(base, [call('x', '{"a":1,"b":2}'), usage(1)]);
    expect(
      diffCassettes(cassette(one), cassette(streamOf(base, [call('y', '{"b": 2, "a": 1}'), usage(1)]))),
    ).toMatchObject({ same: 1 });
    const { changed } = diffCassettes(
      cassette(one),
      cassette(streamOf(base, [call('y', '{"a":2}'), usage(2)])),
    );
    expect(changed[0]?.differences).toEqual([
      {
        kind: 'tool_calls',
        a: [{ name: 'f', arguments: '{"a":1,"b":2}' }],
        b: [{ name: 'f', arguments: '{"a":2}' }],
      },
      { kind: 'usage', a: { prompt_tokens: 1 }, b: { prompt_tokens: 2 } },
    ]);
  });

  it('compares what is no chat completion as text', () => {
    const page = (text: string): CassetteExchange => ({
      ...exchangeOf(asked('a')),
      response: { status: 500, headers: {}, headAtMs: 0, body: { kind: 'whole', atMs: 0, text } },
    });
    const { changed } = diffCassettes(cassette(page('<a>')), cassette(page('<b>')));
    expect(changed[0]?.differences).toEqual([{ kind: 'text', a: '<a>', b: '<b>' }]);
  });
});
