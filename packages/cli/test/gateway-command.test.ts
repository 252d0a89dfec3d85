import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createModelFolder, type ModelFolder } from './model-folder.ts';
import { spawnCli, type SpawnedCli } from './spawned-cli.ts';

const ANSWERS = { Second: 'Two.', '.': 'Hello.' };
const ASK = { model: 'glm-5', messages: [{ role: 'user', content: 'First' }] };

interface Address {
  readonly url: string;
  readonly key: string;
}

/** What a person copies from the output of a command. */
async function addressIn(text: () => string): Promise<Address> {
  await expect.poll(text, { timeout: 20_000 }).toMatch(/OPENAI_API_KEY=\S+\n/);
  const [, url = '', key = ''] = /OPENAI_BASE_URL=(\S+)\n.*OPENAI_API_KEY=(\S+)\n/.exec(text()) ?? [];
  return { url, key };
}

async function ask({ url, key }: Address, body: object = ASK) {
  const response = await fetch(`${url}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}

async function interrupt({ child, result }: SpawnedCli) {
  child.kill('SIGINT');
  return await result;
}

/** With a folder for temporary files of its own, to see what is left there. */
function spawnIn(folder: ModelFolder, argv: readonly string[], env: Record<string, string> = {}): SpawnedCli {
  return spawnCli(argv, { cwd: folder.root, env: { ...folder.env, TMPDIR: folder.temporary, ...env } });
}

describe('gateway', () => {
  it('prints lines to copy, passes calls on with its token only, and cleans up on Ctrl-C', async () => {
    await using folder = await createModelFolder(ANSWERS);
    const run = spawnIn(folder, ['gateway']);
    const address = await addressIn(run.output);
    expect(address.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1$/);
    expect(await ask(address)).toMatchObject({ status: 200, text: expect.stringContaining('Hello.') });
    expect((await ask({ ...address, key: 'sk-canary-model' })).status).toBe(401);
    const { code, signal, stdout, stderr } = await interrupt(run);
    expect([code, signal]).toEqual([0, null]);
    expect(stdout.trimEnd().split('\n')).toHaveLength(2);
    expect(stderr).toMatch(/^gateway to default, model glm-5.*\n1 call, /);
    expect(stdout + stderr).not.toContain('sk-canary');
    const left = await readdir(folder.temporary);
    expect(left.filter((name) => name.startsWith('agentswarm-'))).toEqual([]);
  });

  it('prints nothing but events on stdout with --events', async () => {
    await using folder = await createModelFolder(ANSWERS);
    const run = spawnIn(folder, ['gateway', '--events', '--role', 'planner']);
    let stderr = '';
    run.child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    await ask(await addressIn(() => stderr));
    await expect.poll(run.output).toContain('\n');
    const { stdout } = await interrupt(run);
    const [line = '', ...others] = stdout.trimEnd().split('\n');
    expect(others).toEqual([]);
    const event = { type: 'model_called', role: 'planner', model: 'glm-5', ok: true, httpStatus: 200 };
    expect(JSON.parse(line)).toMatchObject({ atMs: expect.any(Number), event });
  });

  it('keeps within the budget', async () => {
    await using folder = await createModelFolder(ANSWERS);
    const run = folder.start(['gateway', '--budget-tokens', '50']);
    const address = await addressIn(run.output);
    const small = { ...ASK, max_tokens: 20 };
    expect((await ask(address, small)).status).toBe(200);
    const refused = await ask(address, { ...ASK, max_tokens: 100 });
    expect(refused).toMatchObject({ status: 402, text: expect.stringContaining('insufficient_quota') });
    run.signals.emit('SIGTERM');
    expect((await run.result).code).toBe(0);
  });

  it('does not begin what the rent of a server exceeds', async () => {
    await using folder = await createModelFolder(ANSWERS);
    const endpoints = [{ name: 'rented', endpoint: folder.url, price: { usdPerServerHour: 3600 } }];
    const env = { LLM_BASE_URL: '', LLM_ENDPOINTS: JSON.stringify(endpoints) };
    const { code, stdout, stderr } = await folder.run(['gateway', '--budget-usd', '1'], { env });
    expect([code, stdout, stderr]).toEqual([3, '', expect.stringContaining('[BUDGET_EXHAUSTED]')]);
  });

  it('stays on this machine unless told, and names what is malformed', async () => {
    await using folder = await createModelFolder(ANSWERS);
    const refusals = [
      [['--host', '0.0.0.0'], 'other machines can reach it'],
      [['--role', 'king'], '--role must be one of planner'],
      [['--port', '70000'], '--port must be'],
      [['--endpoint', 'second'], 'there are: default'],
    ] as const;
    for (const [argv, why] of refusals) {
      const { code, stderr } = await folder.run(['gateway', ...argv]);
      expect([code, stderr]).toEqual([2, expect.stringContaining(why)]);
    }
    const run = folder.start(['gateway', '--host', '0.0.0.0', '--allow-remote']);
    const { key, url } = await addressIn(run.output);
    const port = new URL(url).port;
    expect((await ask({ url: `http://127.0.0.1:${port}/v1`, key })).status).toBe(200);
    run.signals.emit('SIGINT');
    expect((await run.result).code).toBe(0);
  });
});

describe('model record, replay and diff', () => {
  it('records what is asked, replays it without the model and compares', async () => {
    await using folder = await createModelFolder(ANSWERS);
    const recording = spawnIn(folder, ['model', 'record', '--out', 'a.jsonl']);
    const address = await addressIn(recording.output);
    const live = await ask(address);
    await ask(address, { ...ASK, stream: true });
    const recorded = await interrupt(recording);
    expect([recorded.code, recorded.stderr]).toEqual([
      0,
      expect.stringContaining('2 exchanges recorded in a.jsonl'),
    ]);
    const cassette = await readFile(join(folder.root, 'a.jsonl'), 'utf8');
    expect(cassette).not.toContain('sk-canary');
    expect(cassette).not.toContain(address.key);

    const replaying = spawnIn(folder, ['model', 'replay', 'a.jsonl', '--timing', 'none'], {
      LLM_BASE_URL: '',
    });
    const replay = { url: await urlIn(replaying.output), key: 'any' };
    expect(await ask(replay)).toEqual(live);
    const missed = await ask(replay, { ...ASK, messages: [{ role: 'user', content: 'Second' }] });
    expect([missed.status, missed.text]).toEqual([404, expect.stringContaining('not_recorded')]);
    const replayed = await interrupt(replaying);
    expect([replayed.code, replayed.stderr]).toEqual([
      1,
      expect.stringContaining('1 request replayed, 1 not recorded'),
    ]);

    expect((await folder.run(['model', 'diff', 'a.jsonl', 'a.jsonl'])).code).toBe(0);
    await writeFile(join(folder.root, 'b.jsonl'), cassette.replace('Hello.', 'Goodbye.'));
    const { code, stdout } = await folder.run(['model', 'diff', 'a.jsonl', 'b.jsonl']);
    expect([code, stdout]).toEqual([1, expect.stringContaining('1 the same, 1 answered differently')]);
    const json = JSON.parse((await folder.run(['model', 'diff', 'a.jsonl', 'b.jsonl', '--json'])).stdout);
    expect(json).toMatchObject({ v: 1, isSame: false, same: 1, changed: [{ a: { number: 1 } }] });
  });

  it('asks for what is missing within the budget, and appends it', async () => {
    await using folder = await createModelFolder(ANSWERS);
    const argv = ['model', 'replay', 'new.jsonl', '--mode', 'record-missing', '--budget-tokens', '100'];
    const first = folder.start(argv);
    const address = { url: await urlIn(first.output), key: 'any' };
    expect((await ask(address, { ...ASK, max_tokens: 20 })).text).toContain('Hello.');
    expect((await ask(address, { ...ASK, max_tokens: 200 })).status).toBe(402);
    first.signals.emit('SIGINT');
    expect(await first.result).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('2 asked of the endpoint'),
    });
    const again = folder.start(['model', 'replay', 'new.jsonl', '--mode', 'strict']);
    expect(
      (await ask({ url: await urlIn(again.output), key: 'any' }, { ...ASK, max_tokens: 20 })).text,
    ).toContain('Hello.');
    again.signals.emit('SIGINT');
    expect((await again.result).code).toBe(0);
  });

  it('refuses files that are no cassettes before anything is asked', async () => {
    await using folder = await createModelFolder(ANSWERS);
    await folder.write('notes.txt', 'mine\n');
    for (const argv of [
      ['record', '--out', 'notes.txt'],
      ['replay', 'notes.txt'],
      ['diff', 'notes.txt', 'none'],
    ]) {
      const { code, stderr } = await folder.run(['model', ...argv]);
      expect([code, stderr]).toEqual([2, expect.stringContaining('[CASSETTE_INVALID]')]);
    }
    const nowhere = await folder.run(['model', 'record', '--out', 'none/a.jsonl']);
    expect([nowhere.code, nowhere.stderr]).toEqual([2, expect.stringContaining('[CLI_OUTPUT_REFUSED]')]);
    expect(await readFile(join(folder.root, 'notes.txt'), 'utf8')).toBe('mine\n');
  });
});

async function urlIn(text: () => string): Promise<string> {
  await expect.poll(text, { timeout: 20_000 }).toContain('http://');
  return `${/http:\S+/.exec(text())?.[0] ?? ''}/v1`;
}
