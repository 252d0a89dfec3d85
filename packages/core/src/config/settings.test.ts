import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { InputError } from '../errors.ts';
import { SETTINGS } from './settings-table.ts';
import { resolveConfig, type SettingSource } from './settings.ts';
import { SwarmConfigSchema } from './swarm-config.ts';

const environment = (entries: Record<string, string>): SettingSource => ({
  origin: 'environment',
  kind: 'text',
  entries,
});
const flags = (entries: Record<string, string>): SettingSource => ({ origin: 'flag', kind: 'text', entries });
const file = (entries: Record<string, unknown>): SettingSource => ({
  origin: 'agentswarm.config.json',
  kind: 'values',
  entries,
});

function errorOf(...sources: SettingSource[]): InputError {
  try {
    resolveConfig(sources);
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

describe('SETTINGS', () => {
  it('covers every key of the schema exactly once, each with a variable of its own', () => {
    expect(SETTINGS.map((setting) => setting.key).toSorted()).toEqual(
      Object.keys(SwarmConfigSchema.shape).toSorted(),
    );
    expect(new Set(SETTINGS.map((setting) => setting.env)).size).toBe(SETTINGS.length);
  });
});

describe('resolveConfig', () => {
  it('fills in every default', () => {
    expect(resolveConfig([])).toMatchInlineSnapshot(`
      {
        "allowedPaths": [],
        "gateNetwork": "registries",
        "gateTimeoutSeconds": 900,
        "gatewayPort": 8787,
        "gitBranchPrefix": "worker/",
        "gitMainBranch": "main",
        "isolation": "auto",
        "llmMaxTokens": 8192,
        "llmModel": "glm-5",
        "llmTemperature": 0.7,
        "llmTimeoutMs": 120000,
        "logLevel": "info",
        "maxAttempts": 3,
        "maxPlanningRounds": 100,
        "maxWorkers": 4,
        "mergeStrategy": "merge-commit",
        "modalApp": "agentswarm",
        "models": {},
        "passProviderKey": false,
        "pythonPath": "python3",
        "sandboxBackend": "local",
        "shared": [],
        "targetRepoPath": "./target-repo",
        "workerTimeoutSeconds": 1800,
      }
    `);
  });

  it('prefers flags over environment over file over defaults', () => {
    const sources = [
      flags({ MAX_WORKERS: '1' }),
      environment({ MAX_WORKERS: '2', MAX_ATTEMPTS: '2' }),
      file({ maxWorkers: 5, maxAttempts: 5, maxPlanningRounds: 5 }),
    ];
    expect(resolveConfig(sources)).toMatchObject({
      maxWorkers: 1,
      maxAttempts: 2,
      maxPlanningRounds: 5,
      workerTimeoutSeconds: 1800,
    });
  });

  it('keeps 0 as 0', () => {
    expect(resolveConfig([environment({ LLM_TEMPERATURE: '0' })]).llmTemperature).toBe(0);
    expect(resolveConfig([file({ llmTemperature: 0 })]).llmTemperature).toBe(0);
  });

  it('ignores other variables and counts an empty one as absent', () => {
    const config = resolveConfig([environment({ PATH: '/bin', LLM_MODEL: '' }), file({ llmModel: 'local' })]);
    expect(config.llmModel).toBe('local');
  });

  it.each([
    ['GATE', 'npm test', ['npm test']],
    ['GATE', '["npm test", "npm run build"]', ['npm test', 'npm run build']],
    ['SHARED_PATHS', 'package.json', ['package.json']],
  ])('reads the list %s=%s', (name, text, expected) => {
    const config = resolveConfig([environment({ [name]: text })]);
    expect([config.gate, config.shared]).toContainEqual(expected);
  });

  it.each([
    ['GIT_REPO_URL', 'https://me:pass-word@git.example/r.git', 'GIT_TOKEN'],
    ['GIT_REPO_URL', 'https://ghp_0123456789@git.example/r.git', 'GIT_TOKEN'],
    ['GIT_REPO_URL', 'ssh://git:pass-word@git.example/r.git', 'GIT_TOKEN'],
    ['LLM_BASE_URL', 'https://me:pass-word@llm.example/v1', 'LLM_API_KEY'],
    ['LLM_ENDPOINTS', '[{"name":"a","endpoint":"https://me:pass-word@llm.example"}]', 'LLM_API_KEY'],
  ])('refuses a password or token in %s=%s, and does not repeat it', (name, value, instead) => {
    const resolve = () => resolveConfig([environment({ [name]: value })]);
    expect(resolve).toThrow(`must not hold a password or token; use ${instead}`);
    expect(resolve).not.toThrow(/pass-word|ghp_/);
  });

  it.each([
    'git@git.example:me/r.git',
    'ssh://git@git.example/r.git',
    '/srv/r@v1.git',
    'https://git.example/@me/r',
  ])('takes the remote %s', (value) =>
    expect(resolveConfig([environment({ GIT_REPO_URL: value })]).gitRepoUrl).toBe(value),
  );

  it('reads endpoints and models from JSON', () => {
    const config = resolveConfig([
      environment({
        LLM_ENDPOINTS: '[{"name":"local","endpoint":"http://127.0.0.1:8000/v1","apiKey":"sk-123456"}]',
        MODELS: '{"planner":"big","worker":"small"}',
      }),
    ]);
    expect(config.models).toEqual({ planner: 'big', worker: 'small' });
    expect(config.llmEndpoints).toMatchObject([{ name: 'local', endpoint: 'http://127.0.0.1:8000/v1' }]);
    expect(config.llmEndpoints?.[0]?.apiKey?.reveal()).toBe('sk-123456');
  });

  it('reads what an endpoint can take and costs, and lists of models by role', () => {
    const price = { inputUsdPerMillion: 0.6, outputUsdPerMillion: 2.2, usdPerServerHour: 0 };
    const endpoints = [
      { name: 'own', endpoint: 'http://127.0.0.1:8000', start: ['serve', '--port', '8000'], concurrency: 8 },
      { name: 'rented', endpoint: 'https://llm.example', tier: 1, tokensPerMinute: 90_000, price },
    ];
    const config = resolveConfig([
      environment({
        LLM_ENDPOINTS: JSON.stringify(endpoints),
        MODELS: '{"planner":{"prefer":["big"]},"worker":{"prefer":["small"],"fallback":["big"]}}',
      }),
    ]);
    expect(config.llmEndpoints).toEqual([
      { ...endpoints[0], weight: 1, tier: 0 },
      { ...endpoints[1], weight: 1 },
    ]);
    expect(config.models).toEqual({
      planner: { prefer: ['big'], fallback: [] },
      worker: { prefer: ['small'], fallback: ['big'] },
    });
  });
});

describe('resolveConfig refuses', () => {
  it('malformed values, naming each with its variable and the accepted form', () => {
    const error = errorOf(
      environment({
        LLM_TEMPERATURE: 'abc',
        MAX_WORKERS: '0',
        MAX_ATTEMPTS: '2.5',
        WORKER_TIMEOUT: '1e3',
        LLM_BASE_URL: 'ftp://example.org',
        MODELS: '{not json',
        SHARED_PATHS: '../outside',
        ISOLATION: 'some',
      }),
    );
    expect(error.code).toBe('CONFIG_INVALID');
    for (const setting of SETTINGS.filter(({ env }) =>
      [
        'LLM_TEMPERATURE',
        'MAX_WORKERS',
        'MAX_ATTEMPTS',
        'WORKER_TIMEOUT',
        'LLM_BASE_URL',
        'MODELS',
        'SHARED_PATHS',
        'ISOLATION',
      ].includes(env),
    )) {
      const line = error.message.split('\n').find((text) => text.includes(`${setting.env} (environment)`));
      expect(line).toContain(`accepted: ${setting.accepts}`);
    }
    expect(error.details['problems']).toHaveLength(8);
  });

  it('two endpoints of one name, naming both', () => {
    const endpoint = (name: string) => ({ name, endpoint: `http://${name}.example` });
    const list = [endpoint('a'), endpoint('b'), endpoint('a')];
    const error = errorOf(environment({ LLM_ENDPOINTS: JSON.stringify(list) }));
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toContain('entries 1 and 3 are both named "a"');
  });

  it.each([
    ['BUDGET_USD', '0'],
    ['BUDGET_TOKENS', '0.5'],
    ['BUDGET_LIMITS', '{"task":{"usd":-1}}'],
    ['BUDGET_LIMITS', '{"run":{"usd":1}}'],
    ['BUDGET_LIMITS', '{"providers":{"a":{"dollars":1}}}'],
    ['PASS_PROVIDER_KEY', 'yes'],
    ['LLM_ENDPOINTS', '[{"name":"a","endpoint":"http://a","price":{"inputUsdPerMillion":-1}}]'],
    ['MODELS', '{"planner":{"prefer":[]}}'],
    ['SANDBOX_BACKEND', 'cloud'],
    ['MODAL_APP', 'two words'],
    ['GATEWAY_URL', 'http://plain.example'],
    ['GATEWAY_URL', 'https://user:password@gateway.example'],
    ['GATEWAY_PORT', '0'],
  ])('the value %s=%s', (name, text) =>
    expect(errorOf(environment({ [name]: text })).message).toContain(`${name} (environment): `),
  );

  it("the provider's key in sandboxes together with a budget, naming both", () => {
    const error = errorOf(flags({ BUDGET_USD: '5' }), environment({ PASS_PROVIDER_KEY: 'true' }));
    expect(error.code).toBe('CONFIG_UNSUPPORTED');
    expect(error.message).toContain('PASS_PROVIDER_KEY and BUDGET_USD exclude each other');
  });

  it('unknown keys of a file, naming it', () => {
    const error = errorOf(file({ maxWokers: 3 }));
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toContain('maxWokers (agentswarm.config.json): unknown setting');
    expect(error.message).toContain('maxWorkers');
  });

  it.each([
    ['llmModel', ''],
    ['maxWorkers', '4'],
    ['maxWorkers', null],
    ['gate', 'npm test'],
    ['gitMainBranch', '--upload-pack=x'],
    ['gitBranchPrefix', '-x/'],
    ['gitBranchPrefix', '../'],
    ['gitBranchPrefix', 'a/b/'],
    ['gitBranchPrefix', 'a'],
  ])('a file value of another form: %s %j', (key, value) => {
    expect(errorOf(file({ [key]: value })).message).toContain(`${key} (agentswarm.config.json): `);
  });

  it('a command line that is none', () => {
    expect(errorOf(environment({ AGENT_COMMAND: "my-agent 'x" })).message).toContain(
      'AGENT_COMMAND (environment): a single quote is not closed; accepted: a command line',
    );
  });

  it.each([
    ['MERGE_STRATEGY', 'rebase'],
    ['PASS_PROVIDER_KEY', 'true'],
  ])('%s=%s, whose feature does not exist yet', (name, text) => {
    const error = errorOf(environment({ [name]: text }));
    expect(error.code).toBe('CONFIG_UNSUPPORTED');
    expect(error.message).toMatch(new RegExp(`^${name} \\(environment\\): .*does not exist yet`));
    expect(error.details).toEqual({ setting: name });
  });
});

describe('secrets', () => {
  const SECRET = 'sk-very-secret-value';
  const entries = {
    LLM_API_KEY: SECRET,
    GIT_TOKEN: SECRET,
    RUNPOD_API_KEY: SECRET,
    MODAL_TOKEN_ID: SECRET,
    MODAL_TOKEN_SECRET: SECRET,
    LLM_ENDPOINTS: JSON.stringify([{ name: 'a', endpoint: 'http://a', apiKey: SECRET }]),
  };

  it('are never printed with the configuration', () => {
    const config = resolveConfig([environment(entries)]);
    expect(JSON.stringify(config) + inspect(config, { depth: 10, showHidden: true })).not.toContain(SECRET);
    expect(config.gitToken?.reveal()).toBe(SECRET);
  });

  it('are never printed with an error', () => {
    const error = errorOf(
      environment({
        ...entries,
        LLM_ENDPOINTS: `[{"name":"a","endpoint":"no url","apiKey":"${SECRET}"}]`,
        MODELS: `{"planner": ${SECRET}}`,
        GATE: `[${SECRET}]`,
        MAX_WORKERS: 'abc',
      }),
    );
    expect(inspect(error, { depth: 10 })).not.toContain(SECRET);
  });
});
