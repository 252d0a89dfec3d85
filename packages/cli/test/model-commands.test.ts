import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Input, Output } from '../src/context.ts';
import { serveModel } from './engine-project.ts';
import { createModelFolder } from './model-folder.ts';

/** The URL of a server that nobody runs any more. */
async function deadUrl(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}`;
}

describe('model list', () => {
  it('shows what is up, what is known of its models, and what is out', async () => {
    await using folder = await createModelFolder();
    const dead = await deadUrl();
    const endpoints = [
      { name: 'own', endpoint: folder.url, price: { inputUsdPerMillion: 0.6, outputUsdPerMillion: 2.2 } },
      { name: 'other', endpoint: folder.url, models: ['missing'], tier: 1 },
      { name: 'gone', endpoint: dead },
    ];
    const env = { LLM_BASE_URL: '', LLM_ENDPOINTS: JSON.stringify(endpoints) };
    const { code, stdout, stderr } = await folder.run(['model', 'list'], { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const facts = 'tools native, thinking switchable';
    expect(stdout).toMatch(
      new RegExp(
        `^own  ${folder.url}  tier 0  up\\n  \\* glm-5  \\d+ tokens, ${facts}, in 0.60 USD, out 2.20 USD per million tokens$`,
        'm',
      ),
    );
    expect(stdout).toMatch(
      /^other {2}\S+ {2}tier 1 {2}up: does not offer missing\n {4}glm-5 .* price unknown$/m,
    );
    expect(stdout).toMatch(/^gone {2}\S+ {2}tier 0 {2}out: .*cannot be reached/m);
    const json = JSON.parse((await folder.run(['model', 'list', '--json'], { env })).stdout);
    expect(json).toMatchObject({
      v: 1,
      endpoints: [
        { name: 'own', isUp: true, models: [{ name: 'glm-5', isDefault: true, toolCalls: 'native' }] },
        { name: 'other', isUp: true, problem: 'does not offer missing' },
        { name: 'gone', isUp: false, models: [] },
      ],
    });
  });

  it('is 1 when nothing is up, and 2 when nothing is configured or asked for', async () => {
    await using folder = await createModelFolder();
    const out = await folder.run(['model', 'list'], { env: { LLM_BASE_URL: await deadUrl() } });
    expect([out.code, out.stdout]).toEqual([1, expect.stringMatching(/^default .* out: [^\n]*\n$/)]);
    const none = await folder.run(['model', 'list'], { env: { LLM_BASE_URL: '' } });
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('[CLI_NO_ENDPOINT]')]);
    const unknown = await folder.run(['model', 'list', '--endpoint', 'second']);
    expect([unknown.code, unknown.stderr]).toEqual([
      2,
      expect.stringContaining('"second"; there are: default'),
    ]);
  });
});

describe('model probe', () => {
  it('tells what it found and why it thinks so', async () => {
    await using folder = await createModelFolder();
    const { code, stdout, stderr } = await folder.run(['model', 'probe']);
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^3 calls, \d+ \+ \d+ tokens\n$/)]);
    expect(stdout).toMatch(/^ {2}tool calls +none +no call in the answer$/m);
    expect(stdout).toMatch(/^ {2}streaming +yes/m);
  });

  it('puts the entry into a model file, which is used from then on', async () => {
    await using folder = await createModelFolder();
    const other = {
      model: 'other',
      contextWindow: 5,
      toolCalls: 'none',
      thinking: { mode: 'none' },
      source: 'me',
    };
    await folder.write('models.json', JSON.stringify({ models: [other] }));
    const { code } = await folder.run([
      'model',
      'probe',
      'default',
      '--write',
      'models.json',
      '--context-window',
      '777',
    ]);
    expect(code).toBe(0);
    const { models } = JSON.parse(await readFile(join(folder.root, 'models.json'), 'utf8'));
    expect(models).toMatchObject([{ model: 'glm-5', contextWindow: 777, toolCalls: 'none' }, other]);
    const { stdout } = await folder.run(['model', 'list'], { env: { MODEL_CATALOG: 'models.json' } });
    expect(stdout).toContain('777 tokens, tools none');
    const again = await folder.run(['model', 'probe', '--write'], { env: { MODEL_CATALOG: 'models.json' } });
    expect(again.stdout).toContain(`written to ${join(folder.root, 'models.json')}`);
  });

  it('spoils no file and needs to be told where to write', async () => {
    await using folder = await createModelFolder();
    await folder.write('models.json', '{"mine": true}');
    const { code, stderr } = await folder.run(['model', 'probe', '--write', 'models.json']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('[CATALOG_INVALID]')]);
    expect(await readFile(join(folder.root, 'models.json'), 'utf8')).toBe('{"mine": true}');
    const nowhere = await folder.run(['model', 'probe', '--write']);
    expect([nowhere.code, nowhere.stderr]).toEqual([2, expect.stringContaining('MODEL_CATALOG')]);
  });

  it('asks nothing that the budget does not allow', async () => {
    await using folder = await createModelFolder();
    const { code, stderr } = await folder.run(['model', 'probe', '--budget-tokens', '10']);
    expect([code, stderr]).toEqual([3, expect.stringContaining('[BUDGET_EXHAUSTED]')]);
  });
});

describe('model chat', () => {
  it('prints one answer without thoughts, and what it used on stderr', async () => {
    await using folder = await createModelFolder();
    const given = await folder.run(['model', 'chat', 'Hi', '--system', 'Be kind.', '--no-thinking']);
    expect([given.code, given.stdout]).toEqual([0, 'Hello there.\n']);
    expect(given.stderr).toMatch(/^1 call, \d+ \+ \d+ tokens\n$/);
    const piped = await folder.run(['model', 'chat'], { typed: 'Hi\n' });
    expect([piped.code, piped.stdout]).toEqual([0, 'Hello there.\n']);
    const empty = await folder.run(['model', 'chat']);
    expect([empty.code, empty.stderr]).toEqual([2, expect.stringContaining('[CLI_PROMPT_EMPTY]')]);
  });

  it('ends the answer on Ctrl-C with 130', async () => {
    await using folder = await createModelFolder();
    const asked = Promise.withResolvers<void>();
    await using server = await serveModel(() => asked.resolve());
    const run = folder.start(['model', 'chat', 'Hi'], { env: { LLM_BASE_URL: server.url } });
    await asked.promise;
    run.signals.emit('SIGINT');
    expect((await run.result).code).toBe(130);
    expect(run.signals.listenerCount('SIGINT')).toBe(0);
  });

  it('converses on a terminal: remembers, forgets on /clear, leaves on Ctrl-C twice', async () => {
    const answers = {
      'One[^]*Two': 'Both.',
      Two: 'Only two.',
      '.': '<think>Let me see.</think>Hello there.',
    };
    await using folder = await createModelFolder(answers);
    const terminal = createTerminal();
    const run = folder.start(['model', 'chat'], { overrides: terminal.overrides });
    await terminal.sees('> ');
    terminal.type('One\r');
    await terminal.sees('Let me see.', 'Hello there.', '> ');
    terminal.type('Two\r');
    await terminal.sees('Both.', '> ');
    terminal.type('/clear\r');
    await terminal.sees('/clear', '> ');
    terminal.type('Two\r');
    await terminal.sees('Only two.', '> ');
    terminal.type('\u0003');
    await terminal.sees('Ctrl-C again leaves');
    terminal.type('\u0003');
    const { code, stderr } = await run.result;
    expect([code, stderr]).toEqual([130, expect.stringMatching(/^3 calls, /)]);
  });

  it('gives up an answer on Ctrl-C and goes on, and ends with the input', async () => {
    await using folder = await createModelFolder();
    const asked: string[][] = [];
    await using server = await serveModel(
      ({ body }) => void asked.push(body.messages.map(({ content }) => content)),
    );
    const terminal = createTerminal();
    const given = { env: { LLM_BASE_URL: server.url }, overrides: terminal.overrides };
    const run = folder.start(['model', 'chat'], given);
    await terminal.sees('> ');
    terminal.type('One\r');
    await expect.poll(() => asked.length).toBe(1);
    terminal.type('\u0003');
    await terminal.sees('One', '> ');
    terminal.type('Two\r');
    await expect.poll(() => asked).toEqual([['One'], ['Two']]);
    terminal.type('\u0003');
    await terminal.sees('Two', '> ');
    terminal.type('\u0004');
    expect((await run.result).code).toBe(0);
  });
});

/** A person at a terminal. */
function createTerminal() {
  let shown = '';
  const input: PassThrough & Input = Object.assign(new PassThrough(), { isTTY: true });
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      shown += chunk.toString();
      done();
    },
  });
  const stdout: Output = Object.assign(output, { isTTY: true, columns: 80, rows: 24 });
  let seen = 0;
  return {
    overrides: { openStdin: () => input, stdout },
    type: (text: string) => void input.write(text),
    /** Waits for texts, one after the other, behind what was seen before. */
    async sees(...texts: readonly string[]) {
      for (const text of texts) {
        await expect.poll(() => shown.indexOf(text, seen), { timeout: 20_000 }).toBeGreaterThanOrEqual(0);
        seen = shown.indexOf(text, seen) + text.length;
      }
    },
  };
}
