import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  AggregateManifestError,
  Engine,
  type EngineEvent,
  type EngineOptions,
  type JsonObject,
  type JsonValue,
  type Plugin,
  type RunResult,
} from '../../src/engine.ts';
import {
  createConfigDirectory,
  MINIMAL_FILES,
  node,
  workflow,
  type FileContent,
} from './config-directory.ts';

type Files = Readonly<Record<string, FileContent>>;

let outside = '';
beforeEach(async () => {
  outside = await mkdtemp(join(tmpdir(), 'agent-engine-outside-'));
  await writeFile(join(outside, 'secret.txt'), 'secret');
});
afterEach(() => rm(outside, { recursive: true, force: true }));

/** Nothing was made, changed or removed there. */
async function expectOutsideUntouched(): Promise<void> {
  expect(await readdir(outside)).toEqual(['secret.txt']);
  expect(await readFile(join(outside, 'secret.txt'), 'utf8')).toBe('secret');
}

function expectUnpolluted(): void {
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect({}).not.toHaveProperty('polluted');
}

const AGENT_WORKFLOW = workflow(
  [
    node('start', 'start', { default_start: true }),
    node('main', 'linear', {
      kind: 'agent',
      agent_id: 'writer',
      context: 'global',
      tools: ['write', 'read'],
    }),
    node('exit', 'exit'),
  ],
  ['start>main', 'main>exit'],
);
const fileTool = (id: string, name: string) => ({
  id,
  type: 'deterministic',
  entrypoint: `agent_engine.tools.filesystem:${name}`,
});
const AGENT_FILES: Files = {
  'workflow.yaml': AGENT_WORKFLOW,
  'tools.yaml': { tools: [fileTool('write', 'write_file'), fileTool('read', 'read_file')] },
};

/** Options whose model always gives this reply. */
const replying = (reply: unknown): EngineOptions => ({
  checkpoint: 'never',
  llmFactory: () => ({ generate: async () => reply }),
});

/** Runs a directory once with a model that gives one reply. */
async function runReplying(
  reply: unknown,
  { files = AGENT_FILES, input = 'go' }: { readonly files?: Files; readonly input?: unknown } = {},
): Promise<RunResult> {
  await using directory = await createConfigDirectory(files);
  await using engine = await Engine.fromConfigDir(directory.path, replying(reply));
  return await engine.run(input);
}

async function messagesOfLoading(files: Files, options: EngineOptions = {}): Promise<readonly string[]> {
  await using directory = await createConfigDirectory(files);
  try {
    await using _engine = await Engine.fromConfigDir(directory.path, options);
    return [];
  } catch (error) {
    if (error instanceof AggregateManifestError) return error.errors.map(({ message }) => message);
    return [(error as Error).message];
  }
}

const planning = (tool_id: string, inputs: object) => ({
  main_result: 'done',
  tool_plan: { steps: [{ tool_id, inputs }] },
});

describe('a model that asks a file tool to leave the workspace', () => {
  it.for<readonly [string, () => string]>([
    ['by dots', (): string => `../${outside.split('/').at(-1) ?? ''}/secret.txt`],
    ['by many dots', (): string => `${'../'.repeat(40)}${outside.slice(1)}/secret.txt`],
    ['by an absolute path', (): string => join(outside, 'secret.txt')],
    ['by a new file elsewhere', (): string => join(outside, 'new.txt')],
    ['by a symlink to a file', (): string => 'link.txt'],
    ['by a symlink to a directory', (): string => 'door/secret.txt'],
    ['by a symlink to nothing yet', (): string => 'dangling.txt'],
    ['by a NUL byte', (): string => `a\0/../../secret.txt`],
  ])('%s fails its node and touches nothing', async ([, pathOf]) => {
    for (const tool of ['write', 'read']) {
      await using directory = await createConfigDirectory(AGENT_FILES);
      await symlink(join(outside, 'secret.txt'), join(directory.workspace, 'link.txt'));
      await symlink(outside, join(directory.workspace, 'door'));
      await symlink(join(outside, 'new.txt'), join(directory.workspace, 'dangling.txt'));
      const reply = planning(tool, { path: pathOf(), content: 'overwritten' });
      await using engine = await Engine.fromConfigDir(directory.path, replying(reply));
      const result = await engine.run('go');
      expect(result).toMatchObject({ status: 'failure', error: { code: 'security', stage_id: 'main' } });
      expect(JSON.stringify(engine.getEvents())).not.toContain('"content":"secret"');
      await expectOutsideUntouched();
    }
  });
});

describe('code outside the project', () => {
  const ENTRYPOINTS = [
    ['by dots', () => `./../../${outside.split('/').at(-1) ?? ''}/evil.mjs:Evil`],
    ['by an absolute path', () => `${outside}/evil.mjs:Evil`],
    ['by an address of a file', () => `file://${outside}/evil.mjs:Evil`],
    ['by a symlink', () => './evil.mjs:Evil'],
    ['by a data address', () => 'data:text/javascript,export class Evil {}:Evil'],
    ['of the runtime', () => 'node:fs:rmSync'],
    ['of the runtime, unprefixed', () => 'child_process:execSync'],
    ['that does not exist', () => './gone.mjs:Evil'],
  ] as const;

  it.for(ENTRYPOINTS)('%s is not loaded', async ([, entrypointOf]) => {
    const evil = await mkdtemp(join(tmpdir(), 'agent-engine-evil-'));
    try {
      const marker = JSON.stringify(join(evil, 'ran'));
      const source = `import { writeFileSync } from 'node:fs';\nwriteFileSync(${marker}, '');\nexport class Evil {}\n`;
      await writeFile(join(evil, 'evil.mjs'), source);
      const entrypoint = entrypointOf().replaceAll(outside, evil);
      const files: Files = {
        'tools.yaml': { tools: [{ id: 'tool', type: 'deterministic', entrypoint }] },
        'plugins.yaml': { plugins: [{ id: 'plugin', entrypoint }] },
        'providers.yaml': { providers: [{ id: 'provider', type: 'llm', factory: entrypoint }] },
      };
      await using directory = await createConfigDirectory(files);
      await symlink(join(evil, 'evil.mjs'), join(directory.path, 'evil.mjs'));
      const loading = Engine.fromConfigDir(directory.path);
      const error: unknown = await loading.then(
        () => null,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(AggregateManifestError);
      const { errors } = error as AggregateManifestError;
      expect(errors.map(({ details }) => details)).toEqual([
        { file_name: 'plugins.yaml', field_path: 'plugins[0]' },
        { file_name: 'providers.yaml', field_path: 'providers[0].factory' },
        { file_name: 'tools.yaml', field_path: 'tools[0].entrypoint' },
      ]);
      expect(await readdir(evil)).toEqual(['evil.mjs']);
    } finally {
      await rm(evil, { recursive: true });
    }
  });
});

it('sends nothing for a reference to an address, not even to this machine', async () => {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    response.end('{}');
  });
  const connections: unknown[] = [];
  server.on('connection', (socket) => connections.push(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/schema.json`;
    const messages = await messagesOfLoading({
      'schemas/doc.json': { properties: { a: { $ref: address } } },
      'workflow.yaml': workflow(
        [
          node('start', 'start', { default_start: true }),
          node('main', 'linear', { schema_in: { $ref: `${address}#/a` }, schema_out: { $id: address } }),
          node('exit', 'exit'),
        ],
        ['start>main', 'main>exit'],
      ),
    });
    expect(messages).toEqual([
      expect.stringMatching(
        /^Schema validation error in workflow\.yaml at nodes\.main: .*leaves the schemas/,
      ),
      expect.stringMatching(/^Error loading schemas\/doc\.json: .*leaves the schemas directory/),
    ]);
    expect([requests, connections]).toEqual([[], []]);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});

describe('names that objects have already', () => {
  const NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'];

  it('are ids, labels, schemas, profiles, tags, tools and agents like others', async () => {
    for (const name of NAMES) {
      await using directory = await createConfigDirectory({
        'workflow.yaml': workflow(
          [
            node('begin', 'start', { default_start: true }),
            node('decide', 'decision'),
            node(name, 'linear', {
              kind: 'agent',
              agent_id: name,
              context: name,
              tools: [name],
              schema_in: name,
            }),
            node('other', 'linear'),
            node('join', 'merge'),
            node('end', 'exit'),
          ],
          [
            'begin>decide',
            `decide>${name}:${name}`,
            'decide>other:x',
            `${name}>join`,
            'other>join',
            'join>end',
          ],
        ),
        'agents.yaml': { agents: [{ id: name, kind: 'agent', llm: `${name}/${name}` }] },
        'tools.yaml': { tools: [{ id: name, type: name, entrypoint: 'some.module:run' }] },
        [`schemas/${name}.json`]: { type: 'object' },
        'memory.yaml': {
          context_profiles: [
            {
              id: name,
              max_tokens: 100,
              retrieval_policy: 'recency',
              sources: [{ store: 'task', tags: [name] }],
            },
          ],
        },
      });
      const seen: JsonValue[] = [];
      await using engine = await Engine.fromConfigDir(directory.path, {
        ...replying(planning(name, { a: 1 })),
        handlers: Object.fromEntries([
          [
            name,
            (inputs: JsonValue) => {
              seen.push(inputs);
              return { used: name };
            },
          ],
        ]),
      });
      const result = await engine.run(name);
      expect(result).toMatchObject({ status: 'success', error: null });
      expect(result.node_sequence).toEqual(['begin', 'decide', name, 'join', 'end']);
      expect(seen).toEqual([{ a: 1 }]);
      expect(engine.getArtifactStore().byNode(name)).toHaveLength(2);
      const stored = engine.getTask(result.task_id)?.stage_results ?? {};
      expect(Object.keys(stored)).toEqual(result.node_sequence);
      expectUnpolluted();
    }
  });

  const HOSTILE = '{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}';

  it('are data in inputs and outputs, also after a checkpoint', async () => {
    const input: unknown = JSON.parse(HOSTILE);
    await using directory = await createConfigDirectory();
    await using engine = await Engine.fromConfigDir(directory.path);
    const result = await engine.run(input, undefined, { metadata: { project_id: '__proto__' } });
    expect(JSON.stringify(result.output)).toBe(JSON.stringify(input));
    const loaded = await engine
      .getCheckpoints()
      .loadCheckpoint({ projectId: '__proto__', taskId: result.task_id });
    expect(loaded).toMatchObject({ kind: 'loaded' });
    expect(JSON.stringify(engine.getTask(result.task_id)?.current_output)).toBe(JSON.stringify(input));
    expectUnpolluted();
  });

  it.for(['in_memory', 'file', 'sqlite'] as const)('are data in what is remembered %s', async (backend) => {
    await using directory = await createConfigDirectory({
      'memory.yaml': { memory: { task_store: { backend }, project_store: { backend } } },
      'artifacts.yaml': { backend: backend === 'sqlite' ? 'sqlite' : 'in_memory' },
    });
    await using engine = await Engine.fromConfigDir(directory.path, { checkpoint: 'never' });
    const input = JSON.parse(HOSTILE) as JsonValue;
    const { task_id } = await engine.run(input);
    const item = {
      context_item_id: '__proto__',
      kind: 'constructor',
      source: 'prototype',
      timestamp: '2030-01-01T00:00:00.000Z',
      tags: NAMES,
      importance: null,
      token_cost: null,
      payload: input,
      metadata: input as JsonObject,
      task_id: null,
      project_id: '__proto__',
    };
    const store = engine.getMemoryStore('project');
    await store.put(item);
    for (const tag of NAMES) {
      const found = await store.query({ filters: { tags: [tag], project_id: '__proto__' } });
      expect(JSON.stringify(found)).toBe(JSON.stringify([item]));
    }
    const outputs = engine.getArtifactStore().byTask(task_id);
    expect(outputs.map(({ payload }) => JSON.stringify(payload))).toEqual(
      Array(3).fill(JSON.stringify(input)),
    );
    expectUnpolluted();
  });

  it.for([
    ['as text', HOSTILE],
    ['as data', JSON.parse(HOSTILE) as unknown],
    ['beside a plan', `{"main_result": ${HOSTILE}, "tool_plan": {"steps": [], "__proto__": {"steps": 1}}}`],
    ['in place of an answer', '{"__proto__": {"main_result": 1, "tool_plan": {"steps": [{}]}}}'],
  ] as const)('are data in what a model replies %s', async ([, reply]) => {
    const result = await runReplying(reply);
    expect(result.status).toBe('success');
    expect(Object.keys(result.output as object)).toContain('__proto__');
    expectUnpolluted();
  });

  it('choose no edge of a decision that has no such label', async () => {
    const files = {
      'workflow.yaml': workflow(
        [
          node('start', 'start', { default_start: true }),
          node('d', 'decision'),
          ...['a', 'b'].map((id) => node(id, 'exit')),
        ],
        ['start>d', 'd>a:x', 'd>b:y'],
      ),
    };
    for (const input of [...NAMES, JSON.parse('{"__proto__": {"route": "x"}}') as unknown]) {
      const result = await runReplying(null, { files, input });
      expect(result).toMatchObject({ status: 'failure', error: { code: 'routing' } });
    }
  });
});

describe('a model that replies too much', () => {
  const MEBIBYTE = 1024 * 1024;

  it.for([
    ['text', 'x'],
    ['brackets', '['],
    ['braces', '{'],
    ['fences', '```\n'],
  ] as const)('gives 10 MB of %s, which are text', async ([, piece]) => {
    const reply = piece.repeat((10 * MEBIBYTE) / piece.length);
    const result = await runReplying(reply);
    expect(result.status).toBe('success');
    expect(result.output === reply).toBe(true);
  });

  it('gives more than that, and its node fails', async () => {
    const result = await runReplying('x'.repeat(17_000_000));
    expect(result).toMatchObject({
      status: 'failure',
      error: { error_id: 'agent_reply_not_json', code: 'json', stage_id: 'main' },
    });
  });

  it('plans 10,000 steps, of which none runs', async () => {
    const steps = Array.from({ length: 10_000 }, (_, index) => ({
      tool_id: 'write',
      inputs: { path: `f${index}.txt`, content: 'x' },
    }));
    await using directory = await createConfigDirectory(AGENT_FILES);
    const options = replying({ main_result: 1, tool_plan: { steps } });
    await using engine = await Engine.fromConfigDir(directory.path, options);
    const result = await engine.run('go');
    expect(result).toMatchObject({ status: 'failure', error: { error_id: 'tool_plan_invalid' } });
    expect(engine.getEventsByType('tool')).toEqual([]);
    expect(await readdir(directory.workspace)).toEqual(['config']);
  });
});

describe('a plugin', () => {
  /** Runs the minimal workflow under a plugin; what a second plugin saw is what happened. */
  async function runUnder(plugin: Plugin, options: EngineOptions = {}) {
    await using directory = await createConfigDirectory();
    const seen: EngineEvent[] = [];
    const witness: Plugin = { pluginId: 'witness', onEvent: (event) => void seen.push(event) };
    const engine = await Engine.fromConfigDir(directory.path, {
      checkpoint: 'never',
      ...options,
      plugins: [plugin, witness],
    });
    const result = await engine.run({ list: [1] });
    await engine.close();
    return { result, seen };
  }
  const throwing = (): never => {
    throw new RangeError('hostile');
  };
  /** Throws what cannot even become text. */
  const throwBare = (): never => {
    throw Object.create(null);
  };

  it('that throws in every hook changes nothing', async () => {
    const { result, seen } = await runUnder({
      pluginId: 'hostile',
      onStartup: throwing,
      onEvent: throwing,
      onShutdown: throwing,
    });
    expect(result).toMatchObject({ status: 'success', output: { list: [1] } });
    expect(seen.map(({ name }) => name)).toContain('task_completed');
  });

  it('that gives what cannot be read or awaited changes nothing', async () => {
    const thorny = new Proxy(
      {},
      {
        get: throwing,
        getPrototypeOf: throwing,
        has: throwing,
      },
    );
    for (const onEvent of [
      () => thorny,
      () => Promise.resolve([thorny]),
      () => ({ then: throwing }),
      () => Promise.reject(new RangeError('hostile')),
      async () => throwBare(),
      throwBare,
    ]) {
      const { result } = await runUnder({ pluginId: 'hostile', onEvent });
      expect(result.status).toBe('success');
    }
    const hooks = { onStartup: throwBare, onShutdown: throwBare };
    const { result } = await runUnder({ pluginId: 'hostile', onEvent: throwBare, ...hooks });
    expect(result.status).toBe('success');
  });

  it('cannot change an event, nor what others see of it', async () => {
    const refused: boolean[] = [];
    const attempt = (change: () => unknown) => {
      try {
        change();
        refused.push(false);
      } catch (error) {
        refused.push(error instanceof TypeError);
      }
    };
    const { result, seen } = await runUnder({
      pluginId: 'hostile',
      onEvent: (event) => {
        attempt(() => Object.assign(event, { name: 'forged' }));
        attempt(() => Object.assign(event.payload, { input: 'forged' }));
        attempt(() => Object.assign(event.metadata, { engine_version: 'forged' }));
        const { input, output } = event.payload as {
          input?: { list: number[] };
          output?: { list: number[] };
        };
        if (input?.list) attempt(() => input.list.push(2));
        if (output?.list) attempt(() => output.list.push(2));
      },
    });
    expect(refused.length).toBeGreaterThan(30);
    expect(refused).not.toContain(false);
    expect(result.output).toEqual({ list: [1] });
    expect(JSON.stringify([result, seen])).not.toContain('forged');
  });

  it('that never settles does not keep the engine from closing', async () => {
    const never = new Promise<never>(() => undefined);
    const options = { pluginTimeoutMs: 20 };
    const { result } = await runUnder({ pluginId: 'hostile', onEvent: () => never }, options);
    expect(result.status).toBe('success');
  });

  it('that cannot register its extensions is a load error', async () => {
    const plugin = { pluginId: 'hostile', onEvent: throwing, registerExtensions: throwing };
    expect(await messagesOfLoading({}, { plugins: [plugin] })).toEqual([
      expect.stringContaining('plugin "hostile" could not register its extensions: hostile'),
    ]);
  });
});

it('keeps a state folder inside its root, whatever a project is called', async () => {
  for (const project_id of ['../../escape', '/etc', '..', '.', 'a/b', 'a\0b', '']) {
    await using directory = await createConfigDirectory(MINIMAL_FILES);
    const stateRoot = join(outside, 'state');
    await mkdir(stateRoot);
    const engine = await Engine.fromConfigDir(directory.path, { stateRoot });
    const { status } = await engine.run('go', undefined, { metadata: { project_id } });
    await engine.close();
    expect(status).toBe('success');
    const files = await readdir(stateRoot, { recursive: true, withFileTypes: true });
    const kept = files
      .filter((entry) => entry.isFile())
      .map(({ parentPath }) => parentPath.split('/').length);
    expect(kept).toEqual([join(stateRoot, 'tasks', 'project').split('/').length]);
    await rm(stateRoot, { recursive: true });
    await expectOutsideUntouched();
  }
});
