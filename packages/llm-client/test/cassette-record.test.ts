import { appendFile, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Secret } from '@agentswarm/core';
import {
  createCassetteRecorder,
  createReplayServer,
  parseCassette,
  readCassette,
} from '@agentswarm/llm-client/cassette';
import { describe, expect, it } from 'vitest';
import { callChat, chatBody, createManualClock, exchangeOf, recordIntoFile } from './cassette-setup.ts';
import { chunk, json, startFaultServer, type Behaviour } from './fault-server.ts';
import { FAULTS, HUGE_CHARS, type Fault } from './faults/behaviours.ts';
import { DONE, sendsEvents } from './faults/answer-parts.ts';
import { serveFault } from './faults/serve-fault.ts';
import { makeTempDir } from './script-dir.ts';

const KEY = new Secret('sk-canary-59b0c41d77');
const ENDLESS = /hang|drip/;

describe('record and strict replay', () => {
  const cases = (FAULTS as readonly Fault[]).flatMap((fault) =>
    [false, true].flatMap((stream) =>
      (stream ? fault.stream : fault.whole) === undefined
        ? []
        : [[fault.name, stream ? 'streaming' : 'whole', fault, stream] as const],
    ),
  );
  it.each(cases)('show the client the same: %s, %s', async (name, _form, fault, stream) => {
    await using server = await serveFault(fault);
    await using file = await recordIntoFile();
    const body = chatBody('Hello', { stream });
    const timeoutMs = ENDLESS.test(name) ? 150 : 30_000;
    const first = await callChat(server.url, body, { recorder: file.recorder, timeoutMs });
    await file.recorder[Symbol.asyncDispose]();

    const cassette = await readCassette(file.path);
    expect(cassette.exchanges).toHaveLength(1);
    await using replay = await createReplayServer({ cassette, mode: 'strict', timing: 'none' });
    expect(await callChat(replay.url, body)).toEqual(first);
  });

  it('keep order of completion, chosen headers and times', async () => {
    const clock = createManualClock();
    await using file = await recordIntoFile({ clock });
    clock.push(100);
    const begin = (body: string) =>
      file.recorder.begin({ method: 'POST', path: '/chat/completions', body, endpoint: 'origin' });
    const slow = begin(chatBody('slow'));
    const quick = begin(chatBody('quick'));
    const headers = { 'Content-Type': 'text/event-stream', 'set-cookie': 'c', 'x-request-id': 'r' };
    clock.push(20);
    quick.head(200, headers);
    clock.push(5);
    quick.chunk(Buffer.from('data: a\n\n'));
    clock.push(7);
    quick.chunk(Buffer.from('data: b\n\n'));
    quick.end('complete');
    quick.end('cut');
    slow.end('cut');
    await file.recorder[Symbol.asyncDispose]();
    const { exchanges } = await readCassette(file.path);
    expect(exchanges).toMatchObject([
      {
        startedAtMs: 100,
        model: 'm',
        end: 'complete',
        response: {
          headAtMs: 20,
          headers: { 'content-type': 'text/event-stream', 'x-request-id': 'r' },
          body: {
            kind: 'stream',
            chunks: [
              { atMs: 25, data: 'data: a\n\n' },
              { atMs: 32, data: 'data: b\n\n' },
            ],
          },
        },
      },
      { request: { body: { messages: [{ content: 'slow' }] } }, response: null, end: 'cut' },
    ]);
    expect(exchanges[0]?.response?.headers).not.toHaveProperty('set-cookie');

    const pace = createManualClock();
    const cassette = { exchanges, cut: false };
    await using replay = await createReplayServer({ cassette, mode: 'strict', clock: pace });
    expect((await callChat(replay.url, chatBody('quick'))).text).toBe('data: a\n\ndata: b\n\n');
    expect(pace.slept).toEqual([20, 5, 7]);
  });

  it('mark an answer beyond the limit as truncated and play it as cut', async () => {
    await using server = await serveFault(FAULTS.find(({ name }) => name === '20 MB') as Fault);
    await using file = await recordIntoFile({ maxAnswerBytes: 1_000 });
    const body = chatBody('Hello', { stream: true });
    const first = await callChat(server.url, body, { recorder: file.recorder });
    expect(first.text.length).toBeGreaterThan(HUGE_CHARS);
    await file.recorder[Symbol.asyncDispose]();
    const cassette = await readCassette(file.path);
    expect(cassette.exchanges[0]?.end).toBe('truncated');
    await using replay = await createReplayServer({ cassette, mode: 'strict', timing: 'none' });
    const again = await callChat(replay.url, body);
    expect(again.whole).toBe(false);
    expect(first.text.startsWith(again.text)).toBe(true);
    expect(again.text.length).toBeLessThanOrEqual(1_000);
  });
});

describe('a recorder', () => {
  const key = KEY.reveal();
  const echoes: Readonly<Record<string, Behaviour>> = {
    'a whole answer and its headers': (response) =>
      json(response, 401, { error: { message: `bad key ${key}` } }, { 'x-request-id': key }),
    'a stream, split inside a chunk': async (response) => {
      const text = chunk({ content: `it is ${key}!` }) + DONE;
      const at = text.indexOf(key) + 9;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(text.slice(0, at));
      await new Promise((resolve) => setTimeout(resolve, 20));
      response.end(text.slice(at));
    },
    'deltas of one character each': sendsEvents([
      ...Array.from(`it is ${key}!`, (content) => chunk({ content })),
      DONE,
    ]),
    'arguments of a tool call in fragments': sendsEvents(
      [key.slice(0, 10), key.slice(10)].map((part) =>
        chunk({ tool_calls: [{ index: 0, function: { arguments: part } }] }),
      ),
    ),
    'an answer that breaks off': (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk({ content: key }), () => response.destroy());
    },
  };
  it.each(Object.entries(echoes))('keeps a key out of the file: %s', async (_name, behaviour) => {
    await using server = await startFaultServer(behaviour);
    await using file = await recordIntoFile({ secrets: [KEY] });
    await callChat(server.url, chatBody(`my key is ${key}`, { user: key }), { recorder: file.recorder });
    await file.recorder[Symbol.asyncDispose]();
    const text = await readFile(file.path, 'utf8');
    expect(text).toContain('my key is ***');
    expect(text).not.toContain(key);
    const { response } = (await readCassette(file.path)).exchanges[0]!;
    const data = response?.body.kind === 'stream' ? response.body.chunks.map((part) => part.data) : [];
    // Not even to whoever puts the deltas together.
    const said = data
      .join('')
      .split('\n')
      .filter((line) => line.startsWith('data: {'))
      .map((line) => JSON.parse(line.slice(6)).choices[0].delta)
      .map((delta) => delta.content ?? delta.tool_calls[0].function.arguments)
      .join('');
    expect(said).not.toContain(key);
    expect((await stat(file.path)).mode & 0o777).toBe(0o600);
  });

  it('finds requests with a key again when it is told the key', async () => {
    const cassette = {
      exchanges: [exchangeOf({ model: 'm', messages: [{ role: 'user', content: '***' }] })],
      cut: false,
    };
    await using replay = await createReplayServer({
      cassette,
      mode: 'strict',
      timing: 'none',
      secrets: [KEY],
    });
    expect((await callChat(replay.url, chatBody(key))).status).toBe(200);
  });

  it('appends to what is there, and takes a line off that a crash has cut', async () => {
    await using file = await recordIntoFile();
    const record = async (name: string) => {
      await using recorder = createCassetteRecorder({ path: file.path });
      recorder
        .begin({ method: 'POST', path: '/chat/completions', body: chatBody(name), endpoint: 'o' })
        .end('cut');
    };
    const recorded = async () =>
      (await readCassette(file.path)).exchanges.map(
        ({ request }) => (request.body as { messages: { content: string }[] }).messages[0]?.content,
      );
    await record('one');
    const line = await readFile(file.path, 'utf8');
    await appendFile(file.path, line.slice(0, 70));
    expect(await readCassette(file.path)).toMatchObject({ cut: true, exchanges: [{}] });
    await record('two');
    expect(await recorded()).toEqual(['one', 'two']);
    await appendFile(file.path, line.trimEnd());
    await record('three');
    expect(await recorded()).toEqual(['one', 'two', 'one', 'three']);
    await appendFile(file.path, `{"long": "${'x'.repeat(200_000)}`);
    await record('four');
    expect(await recorded()).toEqual(['one', 'two', 'one', 'three', 'four']);
  });

  it('says at its end that the file could not be written, and never disturbs the call', async () => {
    await using dir = await makeTempDir();
    await writeFile(join(dir.path, 'file'), '');
    const path = join(dir.path, 'file', 'run.jsonl');
    const recorder = createCassetteRecorder({ path });
    const tap = recorder.begin({ method: 'GET', path: '/models', body: '', endpoint: 'o' });
    expect(() => tap.end('complete')).not.toThrow();
    await expect(recorder[Symbol.asyncDispose]()).rejects.toMatchObject({ code: 'CASSETTE_INVALID' });
  });

  it('leaves out what it cannot write', async () => {
    await using file = await recordIntoFile({ secrets: [KEY] });
    const deep = '['.repeat(200_000) + ']'.repeat(200_000);
    file.recorder.begin({ method: 'POST', path: '/chat/completions', body: deep, endpoint: 'o' }).end('cut');
    file.recorder.begin({ method: 'POST', path: '/chat/completions', body: '{}', endpoint: 'o' }).end('cut');
    await file.recorder[Symbol.asyncDispose]();
    expect((await readCassette(file.path)).exchanges).toHaveLength(1);
  });
});

describe('a cassette with mistakes', () => {
  const good = JSON.stringify(exchangeOf({ model: 'm' }));

  it('is refused with every problem and its line, quoting none', () => {
    const lines = [
      good,
      'secret-looking text',
      JSON.stringify({ ...exchangeOf(null), version: 2, extra: KEY.reveal() }),
      '',
      JSON.stringify({ ...exchangeOf(null), startedAtMs: -1, end: 'perhaps' }),
      good.replace('{"model":"m"}', '['.repeat(100_000) + ']'.repeat(100_000)),
    ];
    const parse = () => parseCassette(`${lines.join('\n')}\n`, 'c.jsonl');
    expect(parse).toThrow(/cassette c\.jsonl is invalid/);
    try {
      parse();
    } catch (error) {
      expect(error).toMatchObject({ code: 'CASSETTE_INVALID', details: { cassette: 'c.jsonl' } });
      const { problems } = (error as { details: { problems: string[] } }).details;
      expect(problems).toEqual([
        'line 2: is no JSON',
        'line 3: version: Invalid input: expected 1',
        'line 3: (top level): Unrecognized key: "extra"',
        expect.stringMatching(/^line 5: startedAtMs: Too small/),
        expect.stringMatching(/^line 5: end: Invalid option/),
        'line 6: is nested too deeply',
      ]);
      expect(String(error)).not.toContain('secret-looking');
      expect(String(error)).not.toContain(KEY.reveal());
    }
  });

  it('may lack its last line end, or the end of its last line', () => {
    expect(parseCassette(good)).toMatchObject({ cut: false, exchanges: [{ model: 'm' }] });
    expect(parseCassette(`${good}\n${good.slice(0, -5)}`)).toMatchObject({ cut: true, exchanges: [{}] });
    expect(parseCassette('')).toEqual({ cut: false, exchanges: [] });
    expect(() => parseCassette(`${good}\n{"version":1}`)).toThrow('line 2');
  });

  it('says which file cannot be read', async () => {
    await expect(readCassette('/nonexistent/c.jsonl')).rejects.toMatchObject({
      code: 'CASSETTE_INVALID',
      details: { path: '/nonexistent/c.jsonl' },
    });
  });
});
