import { silentLogger, type LogFields } from '@agentswarm/core';
import { PassThrough } from 'node:stream';
import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import {
  createStreamTerminal,
  type Engine,
  type EngineEvent,
  type EngineOptions,
  type JsonObject,
  type JsonValue,
} from '../../src/engine.ts';
import { node, workflow, type FileContent } from './config-directory.ts';
import { filesBelow, fixedClock, numberedIds, openEngine } from './open-engine.ts';

/** No credential is shown or kept anywhere, though models, tools, nodes and people say it wherever they can. */

/** Quotes, a backslash and spaces: what JSON, URLs and YAML write differently. */
const CANARIES = {
  env: 'canary-env-"\\ ä/1',
  file: 'canary-file-"\\ ö/2',
  json: 'canary-json-"\\ ü/3',
  yaml: 'canary-yaml-ß/4',
  number: '48151623421234',
};
const LEAK = Object.values(CANARIES).join(' and ');
/** Is in the environment, is no credential, and is nobody's business. */
const BYSTANDER = 'bystander-in-the-environment';

const credential = (id: string, auth: object) => ({
  id,
  provider: 'scripted',
  auth: { type: 'api_key', ...auth },
});
const fileAuth = (file_path: string, file_key?: string) => ({
  source: 'file',
  file_path,
  ...(file_key === undefined ? {} : { file_key }),
});

const files: Readonly<Record<string, FileContent>> = {
  'workflow.yaml': workflow(
    [
      node('start', 'start', { default_start: true }),
      node('ask', 'linear', {
        kind: 'agent',
        agent_id: 'writer',
        context: 'global',
        tools: ['tell', 'breaks'],
      }),
      node('br', 'branch'),
      node('says', 'linear', { continue_on_failure: true }),
      node('throws', 'linear', { continue_on_failure: true }),
      node('refuses', 'linear', { outputs_schema_id: { type: 'number' }, continue_on_failure: true }),
      node('join', 'merge'),
      node('exit', 'exit'),
    ],
    [
      'start>ask',
      'ask>br',
      'br>says',
      'br>throws',
      'br>refuses',
      'says>join',
      'throws>join',
      'refuses>join',
      'join>exit',
    ],
  ),
  'tools.yaml': {
    tools: ['tell', 'breaks'].map((id) => ({ id, type: 'own', entrypoint: `own:${id}` })),
  },
  'memory.yaml': {
    memory: { task_store: { backend: 'file' }, project_store: { backend: 'sqlite' } },
  },
  'artifacts.yaml': { backend: 'sqlite' },
  'evaluations.yaml': {
    suites: [
      {
        name: 's',
        cases: [
          { id: 'equal', input: 'x', assertions: [{ type: 'equals', expected: 'something else' }] },
          { id: 'custom', input: 'x', assertions: [{ type: 'custom', custom_function: 'own:check' }] },
        ],
      },
    ],
  },
  'provider_credentials.yaml': {
    provider_credentials: [
      credential('env', { source: 'env', env_var: 'THE_KEY' }),
      credential('file', fileAuth('../secret.txt')),
      credential('json', fileAuth('../secret.json', 'deep.key')),
      credential('yaml', fileAuth('../secret.yml', 'deep.key')),
      credential('number', fileAuth('../secret.yml', 'deep.number')),
      credential('broken', fileAuth('../secret.txt', 'no.key')),
      credential('missing', { source: 'env', env_var: 'NOT_THERE' }),
    ],
  },
  '../secret.txt': CANARIES.file,
  '../secret.json': JSON.stringify({ deep: { key: CANARIES.json } }),
  '../secret.yml': `deep:\n  key: ${CANARIES.yaml}\n  number: ${CANARIES.number}\n`,
};

const leaks = (): JsonObject => ({ [LEAK]: [LEAK, { deep: LEAK, number: Number(CANARIES.number) }] });

function throwing(): never {
  throw new RangeError(`failed with ${LEAK}`);
}

function options(shown: unknown[]): EngineOptions {
  const log = (fields: LogFields, message: string) => void shown.push([fields, message]);
  return {
    clock: fixedClock,
    idGenerator: numberedIds(),
    checkpoint: 'every_node',
    env: { THE_KEY: CANARIES.env, OTHER: BYSTANDER, HOME: BYSTANDER },
    logger: { ...silentLogger, debug: log, info: log, warn: log, error: log },
    plugins: [
      { pluginId: 'spy', onEvent: (event: EngineEvent) => void shown.push(event) },
      { pluginId: 'bad', onEvent: throwing, onShutdown: throwing },
    ],
    llmFactory: (_provider, _config, secret) => ({
      generate: async () => ({
        main_result: { ...leaks(), key: secret?.reveal() },
        tool_plan: {
          steps: [
            { tool_id: 'tell', inputs: leaks(), reason: LEAK },
            { tool_id: 'breaks', inputs: leaks() },
          ],
        },
      }),
    }),
    handlers: { tell: leaks, breaks: throwing },
    deterministicOps: {
      says: () => ({ error: { message: LEAK, error_id: LEAK } }),
      throws: throwing,
      refuses: () => ({ output: leaks() }),
    },
    assertions: { 'own:check': throwing },
  };
}

/** Everything the front door gives, as objects and as text. */
async function askEverything(engine: Engine, taskIds: readonly string[]): Promise<readonly unknown[]> {
  const inspector = engine.createInspector();
  const perTask = taskIds.map((id) => [
    engine.getTask(id),
    engine.getTaskSummary(id),
    engine.getEventsByTask(id),
    inspector.getTask(id),
    inspector.getTaskHistory(id),
    inspector.getTaskArtifacts(id),
    inspector.getTaskEvents(id),
    inspector.getLineage(id),
    inspector.replay(id),
  ]);
  const stores = await Promise.all(
    (['task', 'project', 'global'] as const).map((name) => engine.getMemoryStore(name).list()),
  );
  return [
    perTask,
    stores,
    engine.getEvents(),
    engine.getQueueStatus(),
    engine.getMetrics(),
    engine.getMetadata(),
    engine.getArtifactStore().list(),
    engine.getCredentialProvider().getAllMetadata(),
    engine.manifestWarnings,
    engine.loadEvaluations(),
    engine,
  ];
}

/** A conversation in which the person says the secrets, too. */
async function converse(engine: Engine): Promise<string> {
  const [input, output] = [new PassThrough(), new PassThrough()];
  await using terminal = createStreamTerminal({ input, output, isInteractive: false });
  input.end(
    `${LEAK}\n/history\n/queue ${JSON.stringify(leaks())}\n/queue-status -v\n/unknown ${LEAK}\n/help ${LEAK}\n`,
  );
  await (await engine.createRepl({ terminal })).run();
  return String(output.read());
}

async function errorsOf(engine: Engine): Promise<readonly unknown[]> {
  const attempts = [
    () => engine.getCredentialProvider().getCredential('broken'),
    () => engine.getCredentialProvider().getCredential('missing'),
    () => engine.run({ [LEAK]: undefined, not: () => LEAK }),
    () => engine.run(LEAK, LEAK),
  ];
  const errors = attempts.map(async (attempt) => {
    try {
      return await attempt();
    } catch (error) {
      return error;
    }
  });
  return await Promise.all(errors);
}

it('no credential is shown or kept, whoever says it', async () => {
  const shown: unknown[] = [];
  await using opened = await openEngine(files, options(shown));
  const { engine, directory } = opened;
  const input: JsonValue = leaks();
  const result = await engine.run(input, undefined, { metadata: { project_id: 'p', note: LEAK } });
  expect(result.status).toBe('partial');
  engine.enqueue(input);
  shown.push(result, await engine.runQueued(), engine.enqueue(input));
  shown.push(await engine.createEvaluator().evaluateSuites(engine.loadEvaluations()));
  shown.push(await converse(engine), await errorsOf(engine));
  shown.push(await askEverything(engine, engine.getAllTaskIds()));
  await engine.close();
  const texts = [
    inspect(shown, { depth: 30, maxArrayLength: 1e5, maxStringLength: 1e7 }),
    JSON.stringify(shown),
  ];
  expect(texts[1]).toContain('***');
  const kept = filesBelow(`${directory.path}/.agent_engine`);
  const redacted = [...kept].flatMap(([name, bytes]) => (bytes.includes('***') ? [name] : []));
  for (const folder of ['memory/task_store.jsonl', 'memory/memory.db', 'sessions/', 'tasks/p/']) {
    expect(
      redacted.some((name) => name.startsWith(folder)),
      folder,
    ).toBe(true);
  }
  for (const [name, bytes] of kept) texts.push(`${name}\n${bytes}`);
  expect(texts.flatMap((text, index) => whereLeaked(text).map((leak) => `${index}: ${leak}`))).toEqual([]);
});

/** What stands around each canary, in any way it can be written. */
function whereLeaked(text: string): readonly string[] {
  const written = [...Object.values(CANARIES), BYSTANDER].flatMap((canary) =>
    [canary, JSON.stringify(canary).slice(1, -1), encodeURIComponent(canary)].flatMap((form) => [
      form,
      Buffer.from(form).toString('latin1'),
      Buffer.from(form).toString('base64').slice(0, -4),
    ]),
  );
  // Plain parts, too: a canary torn apart is one.
  const parts = [...written, 'canary-env', 'canary-file', 'canary-json', 'canary-yaml'];
  return [...new Set(parts)].flatMap((part) => {
    const at = text.indexOf(part);
    return at === -1 ? [] : [text.slice(Math.max(0, at - 80), at + 60)];
  });
}
