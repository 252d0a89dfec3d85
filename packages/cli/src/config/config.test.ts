import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig, secretsOf } from './load-config.ts';
import { resolveEndpoints } from './resolve-endpoints.ts';
import { restoreConfig } from './restore-config.ts';

const PATH = process.env['PATH'] ?? '';
let directory: string;
let target: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'agentswarm-config-'));
  target = join(directory, 'app');
  mkdirSync(target);
});
afterEach(() => rmSync(directory, { recursive: true }));

const load = (env: Record<string, string> = {}, flags: Parameters<typeof loadConfig>[1] = {}) =>
  loadConfig({ directory, env }, { target: 'app', ...flags });

describe('loadConfig', () => {
  it('prefers flags to the environment, it to .env here, it to .env of the target, it to its file', async () => {
    writeFileSync(join(directory, '.env'), 'MAX_ATTEMPTS=4\nLLM_MODEL=from-here\n');
    writeFileSync(join(target, '.env'), 'MAX_ATTEMPTS=5\nLLM_MODEL=from-target\nWORKER_TIMEOUT=50\n');
    const file = { maxWorkers: 2, maxAttempts: 6, workerTimeoutSeconds: 60, maxPlanningRounds: 7 };
    writeFileSync(join(target, 'agentswarm.config.json'), JSON.stringify(file));
    const { config } = await load(
      { MAX_WORKERS: '3', LLM_MODEL: 'from-environment' },
      { model: 'from-flag' },
    );
    expect(config).toMatchObject({
      llmModel: 'from-flag',
      maxWorkers: 3,
      maxAttempts: 4,
      workerTimeoutSeconds: 50,
      maxPlanningRounds: 7,
      targetRepoPath: target,
    });
  });

  it('reads a YAML file', async () => {
    writeFileSync(join(target, 'agentswarm.config.yaml'), 'gate:\n  - make test\nmaxWorkers: 9\n');
    const { config } = await load();
    expect([config.gate, config.maxWorkers]).toEqual([['make test'], 9]);
  });

  it('refuses two configuration files', async () => {
    writeFileSync(join(target, 'agentswarm.config.json'), '{}');
    writeFileSync(join(target, 'agentswarm.config.yml'), '');
    await expect(load()).rejects.toMatchObject({
      code: 'CLI_CONFIG_FILE',
      message: expect.stringContaining('both'),
    });
  });

  it('names the flag of a malformed value', async () => {
    await expect(load({}, { maxWorkers: 'many' })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('flag --max-workers'),
    });
  });

  it('takes no program to run here from a file of the repository', async () => {
    const llmEndpoints = [{ name: 'own', endpoint: 'http://127.0.0.1:1', start: ['serve'] }];
    const refusalOf = (name: string) => ({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(`${name}: "start" of an endpoint runs on this machine`),
    });
    const file = join(target, 'agentswarm.config.json');
    writeFileSync(file, JSON.stringify({ llmEndpoints }));
    await expect(load()).rejects.toMatchObject(refusalOf('agentswarm.config.json'));
    rmSync(file);

    writeFileSync(join(target, '.env'), `LLM_ENDPOINTS='${JSON.stringify(llmEndpoints)}'\n`);
    expect((await load({ PATH })).config.llmEndpoints).toMatchObject(llmEndpoints);
    execFileSync('git', ['init', '-q', target]);
    expect((await load({ PATH })).config.llmEndpoints).toMatchObject(llmEndpoints);
    execFileSync('git', ['-C', target, 'add', '-f', '.env']);
    await expect(load({ PATH })).rejects.toMatchObject(refusalOf('.env'));
    const listed = { PATH, LLM_ENDPOINTS: JSON.stringify(llmEndpoints) };
    expect((await load(listed)).config.llmEndpoints).toMatchObject(llmEndpoints);
  });

  it.each([
    ['pythonPath', 'PYTHON_PATH', './evil'],
    ['gatewayUrl', 'GATEWAY_URL', 'https://evil.example'],
    ['gatewayPort', 'GATEWAY_PORT', 22],
  ])('takes no %s for this machine from a file of the repository', async (key, name, value) => {
    writeFileSync(join(target, 'agentswarm.config.json'), JSON.stringify({ [key]: value }));
    await expect(load()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(`agentswarm.config.json: ${name}`),
    });
    await expect(load({ [name]: String(value) })).resolves.toBeDefined();
  });

  it('finds a Python that was named by its path where it was named', async () => {
    expect((await load({ PYTHON_PATH: './venv/bin/python' })).config.pythonPath).toBe(
      join(directory, 'venv/bin/python'),
    );
    expect((await load({ PYTHON_PATH: 'python3.13' })).config.pythonPath).toBe('python3.13');
  });

  it('lets a flag override an endpoint list of the environment', async () => {
    const list = JSON.stringify([{ name: 'a', endpoint: 'http://127.0.0.1:1' }]);
    const { config } = await load({ LLM_ENDPOINTS: list }, { baseUrl: 'http://127.0.0.1:2' });
    expect(resolveEndpoints(config).map((endpoint) => endpoint.baseUrl)).toEqual(['http://127.0.0.1:2']);
  });

  it('refuses an endpoint named in two ways in one place', async () => {
    const env = { LLM_BASE_URL: 'http://127.0.0.1:1', RUNPOD_ENDPOINT_ID: 'abc' };
    await expect(load(env)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('takes the directory itself when it holds a SPEC.md', async () => {
    writeFileSync(join(directory, 'SPEC.md'), '');
    const { targetPath } = await loadConfig({ directory, env: {} }, {});
    expect(targetPath).toBe(directory);
  });
});

describe('files of models', () => {
  it('are those of the directory they were named in', async () => {
    const { config } = await load({ MODEL_CATALOG: 'models.json', MODEL_NOTES: '/etc/notes.json' });
    expect([config.modelCatalog, config.modelNotes]).toEqual([
      join(directory, 'models.json'),
      '/etc/notes.json',
    ]);
  });
});

describe('resolveEndpoints', () => {
  it('spells out the RunPod shorthand', async () => {
    const { config } = await load({
      RUNPOD_ENDPOINT_ID: 'abc',
      RUNPOD_API_KEY: 'rp-key-123',
      LLM_MODEL: 'm',
    });
    const [endpoint] = resolveEndpoints(config);
    expect(endpoint).toMatchObject({
      name: 'runpod',
      baseUrl: 'https://api.runpod.ai/v2/abc/openai/v1',
      model: 'm',
    });
    expect(endpoint?.apiKey?.reveal()).toBe('rp-key-123');
    expect(secretsOf(config).map((secret) => secret.reveal())).toEqual(['rp-key-123']);
  });

  it('hands on what an endpoint serves, can take and costs', async () => {
    const list = [
      {
        name: 'own',
        endpoint: 'http://127.0.0.1:1',
        models: ['small'],
        roles: ['worker'],
        concurrency: 4,
        start: ['serve'],
      },
      {
        name: 'rented',
        endpoint: 'http://127.0.0.1:2',
        tier: 1,
        weight: 2,
        price: { outputUsdPerMillion: 3 },
      },
    ];
    const { config } = await load({ LLM_ENDPOINTS: JSON.stringify(list), LLM_MODEL: 'big' });
    expect(resolveEndpoints(config)).toEqual([
      {
        name: 'own',
        baseUrl: 'http://127.0.0.1:1',
        model: 'small',
        models: ['small'],
        roles: ['worker'],
        weight: 1,
        tier: 0,
        limits: { concurrency: 4 },
        localServer: {},
      },
      {
        name: 'rented',
        baseUrl: 'http://127.0.0.1:2',
        model: 'big',
        weight: 2,
        tier: 1,
        limits: {},
        price: { outputUsdPerMillion: 3 },
      },
    ]);
  });

  it('says what to do when there is none', async () => {
    const { config } = await load();
    expect(() => resolveEndpoints(config)).toThrow(expect.objectContaining({ code: 'CLI_NO_ENDPOINT' }));
  });
});

describe('restoreConfig', () => {
  it('keeps the journaled configuration, takes secrets anew and what was typed just now', async () => {
    const first = await load({
      LLM_BASE_URL: 'http://127.0.0.1:1',
      LLM_API_KEY: 'first-key',
      GATE: 'make test',
    });
    const journaled = JSON.parse(JSON.stringify(first.config));
    writeFileSync(
      join(target, 'agentswarm.config.json'),
      JSON.stringify({ gate: ['true'], isolation: 'none' }),
    );
    const today = await load({ LLM_API_KEY: 'second-key', MAX_WORKERS: '50' });
    const config = restoreConfig({
      journaled,
      runId: 'run-1',
      flags: { baseUrl: 'http://127.0.0.1:2' },
      sources: today.sources,
      current: today.config,
    });
    expect(config).toMatchObject({
      gate: ['make test'],
      isolation: 'auto',
      maxWorkers: 4,
      llmBaseUrl: 'http://127.0.0.1:2',
    });
    expect(config.llmApiKey?.reveal()).toBe('second-key');
  });

  it('gives no server the key of another', async () => {
    const list = (...names: string[]) =>
      JSON.stringify(names.map((name) => ({ name, endpoint: 'http://127.0.0.1:1', apiKey: `${name}-key` })));
    const keysAt = async (names: string[], env: Record<string, string>) => {
      const first = await load({ LLM_ENDPOINTS: list(...names) });
      const journaled = JSON.parse(JSON.stringify(first.config));
      const { config: current, sources } = await load(env);
      const config = restoreConfig({ journaled, runId: 'run-1', flags: {}, sources, current });
      return config.llmEndpoints?.map(({ apiKey }) => apiKey?.reveal());
    };
    const other = { LLM_API_KEY: 'other-key' };
    expect(await keysAt(['a', 'b'], { ...other, LLM_ENDPOINTS: list('b') })).toEqual([undefined, 'b-key']);
    expect(await keysAt(['a'], other)).toEqual(['other-key']);
  });

  it('takes what runs or listens on this machine, and the account, from today', async () => {
    const first = await load({
      PYTHON_PATH: 'planted',
      GATEWAY_URL: 'https://planted.example',
      SANDBOX_BACKEND: 'modal',
      MODAL_IMAGE: 'im-1',
      MODAL_TOKEN_ID: 'ak-first',
      MODAL_TOKEN_SECRET: 'as-first',
    });
    const journaled = JSON.parse(JSON.stringify(first.config));
    expect(JSON.stringify(journaled)).not.toMatch(/ak-first|as-first/);
    const env = {
      PYTHON_PATH: './own',
      MODAL_TOKEN_ID: 'ak-2',
      MODAL_TOKEN_SECRET: 'as-2',
      MODAL_IMAGE: 'im-2',
    };
    const { config: current, sources } = await load(env);
    const config = restoreConfig({ journaled, runId: 'run-1', flags: {}, sources, current });
    expect(config).toMatchObject({
      sandboxBackend: 'modal',
      modalImage: 'im-1',
      pythonPath: join(directory, 'own'),
    });
    expect(config.gatewayUrl).toBeUndefined();
    expect(secretsOf(config).map((secret) => secret.reveal())).toEqual(['ak-2', 'as-2']);
  });

  it('starts servers by the commands of today, not by those of a journal', async () => {
    const listing = (...starts: (string[] | undefined)[]) =>
      JSON.stringify(starts.map((start, index) => ({ name: `${index}`, endpoint: 'http://a', start })));
    const first = await load({ LLM_ENDPOINTS: listing(['old'], ['planted']) });
    const today = await load({ LLM_ENDPOINTS: listing(['new']) });
    const config = restoreConfig({
      journaled: JSON.parse(JSON.stringify(first.config)),
      runId: 'run-1',
      flags: {},
      sources: today.sources,
      current: today.config,
    });
    expect(config.llmEndpoints?.map(({ start }) => start)).toEqual([['new'], undefined]);
  });
});
