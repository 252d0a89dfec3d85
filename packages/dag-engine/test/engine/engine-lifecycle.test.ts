import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { silentLogger } from '@agentswarm/core';
import { describe, expect, it } from 'vitest';
import {
  createStreamTerminal,
  Engine,
  type EngineExtensions,
  type DeterministicOp,
  type EngineOptions,
  type Plugin,
  type RunResult,
} from '../../src/engine.ts';
import { InMemoryStore } from '../../src/engine/memory/in-memory-store.ts';
import { createConfigDirectory, node, workflow } from './config-directory.ts';
import { failing, filesBelow, fixedClock, numberedIds, openEngine } from './open-engine.ts';

const cycle: unknown[] = [];
cycle.push(cycle);

/** `main`, begun and not ended before it is told to. */
function gate() {
  const [begun, opened] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
  const main: DeterministicOp = async (_task, _node, { input, signal }) => {
    begun.resolve(undefined);
    const aborted = new Promise<undefined>((resolve) =>
      signal.addEventListener('abort', () => resolve(undefined), { once: true }),
    );
    await Promise.race([opened.promise, aborted]);
    return { output: input };
  };
  return { main, begun: begun.promise, open: () => opened.resolve(undefined) };
}

const closed = expect.objectContaining({ code: 'ENGINE_CLOSED' }) as Error;

describe('close', () => {
  it('ends running runs, waits for plugins and refuses everything afterwards', async () => {
    const { main, begun } = gate();
    const told: string[] = [];
    const writing = Promise.withResolvers<undefined>();
    const plugin: Plugin = {
      pluginId: 'slow',
      onEvent: ({ name }) =>
        name === 'task_completed' ? writing.promise.then(() => told.push('written')) : null,
      onShutdown: () => told.push('shut down'),
    };
    await using opened = await openEngine({}, { deterministicOps: { main }, plugins: [plugin] });
    const { engine } = opened;
    const running = engine.run('x');
    await begun;
    const [first, second] = [engine.close(), engine.close()];
    const result = await running;
    expect(result).toMatchObject({ status: 'cancelled', node_sequence: ['start', 'main'] });
    expect(engine.getTask(result.task_id)).toMatchObject({ status: 'cancelled', lifecycle: 'concluded' });
    writing.resolve(undefined);
    await Promise.all([first, second]);
    expect(told).toEqual(['shut down', 'written']);
    await engine.close();
    await expect(engine.run('y')).rejects.toThrow(closed);
    await expect(engine.runMultiple(['y'])).rejects.toThrow(closed);
    await expect(engine.runQueued()).rejects.toThrow(closed);
    expect(() => engine.enqueue('y')).toThrow(closed);
    expect(engine.getTaskCount()).toBe(1);
  });

  it('leaves in the queue what has not begun', async () => {
    const { main, begun } = gate();
    await using opened = await openEngine({}, { deterministicOps: { main } });
    const { engine } = opened;
    const ids = ['a', 'b', 'c'].map((input) => engine.enqueue(input));
    const queue = engine.runQueued();
    await begun;
    await engine.close();
    expect((await queue).map(({ task_id, status }) => [task_id, status])).toEqual([[ids[0], 'cancelled']]);
    expect(engine.getQueueStatus()).toMatchObject({
      queue_size: 2,
      running_count: 0,
      tasks: {
        [ids[0]!]: {
          state: 'failed',
          status: 'cancelled',
          error: { error_id: 'queued_run_failed', message: 'the run was cancelled' },
        },
      },
    });
  });

  it('closes what it can when a store cannot be closed, and says so', async () => {
    await using directory = await createConfigDirectory({
      'memory.yaml': { memory: { task_store: { backend: 'broken' }, project_store: { backend: 'file' } } },
      'providers.yaml': { providers: [{ id: 'broken', type: 'memory', config: {} }] },
    });
    let broken = true;
    const plugin: Plugin<EngineExtensions> = {
      pluginId: 'stores',
      onEvent: () => null,
      registerExtensions: (adapters) =>
        adapters.registerMemoryStoreFactory('broken', () =>
          Object.assign(new InMemoryStore({ maxItems: null }), {
            close: async () => {
              if (broken) throw new RangeError('stuck');
            },
          }),
        ),
    };
    const open = () => Engine.fromConfigDir(directory.path, { plugins: [plugin] });
    const engine = await open();
    await expect(engine.close()).rejects.toMatchObject({ errors: [{ message: 'stuck' }] });
    broken = false;
    // The file of the other store can be opened again: nobody holds its lock.
    await (await open()).close();
  });
});

describe('state', () => {
  it('is for its owner alone, every file and folder of it', async () => {
    await using opened = await openEngine({
      'memory.yaml': { memory: { task_store: { backend: 'sqlite' }, project_store: { backend: 'file' } } },
      'artifacts.yaml': { backend: 'sqlite' },
    });
    await opened.engine.run('x');
    const root = join(opened.directory.path, '.agent_engine');
    const names = readdirSync(root, { recursive: true, encoding: 'utf8' });
    expect(names.filter((name) => /(json|jsonl|lock|db|db-wal|db-shm)$/.test(name)).length).toBeGreaterThan(
      4,
    );
    for (const name of ['.', ...names])
      expect([name, statSync(join(root, name)).mode & 0o077]).toEqual([name, 0]);
  });
});

describe('state that another engine has', () => {
  it.each([
    ['by its default name', {}, 'project_store.jsonl'],
    ['by a name of its own', { file_path: 'mine.jsonl' }, 'mine.jsonl'],
  ])('is told of by store and file: %s', async (_, more, file) => {
    await using opened = await openEngine({
      'memory.yaml': { memory: { project_store: { backend: 'file', ...more } } },
    });
    await expect(Engine.fromConfigDir(opened.directory.path)).rejects.toMatchObject({
      code: 'STORAGE_LOCKED',
      traits: { retryable: true },
      message: expect.stringMatching(`^the project store .*${file} is in use .*try again`) as string,
    });
  });
});

describe('run', () => {
  it('with a signal aborted before: nothing runs', async () => {
    await using opened = await openEngine();
    const result = await opened.engine.run('x', undefined, { signal: AbortSignal.abort() });
    expect(result).toMatchObject({ status: 'cancelled', node_sequence: [], error: null, output: null });
  });

  it('aborted on the way: nothing runs after it, other runs go on', async () => {
    const { main, begun, open } = gate();
    await using opened = await openEngine({}, { deterministicOps: { main } });
    const abort = new AbortController();
    const [ended, other] = [
      opened.engine.run('x', undefined, { signal: abort.signal }),
      opened.engine.run('y'),
    ];
    await begun;
    abort.abort();
    expect(await ended).toMatchObject({ status: 'cancelled', node_sequence: ['start', 'main'] });
    open();
    expect(await other).toMatchObject({ status: 'success', output: 'y' });
  });

  it('ends well when the memory of its task cannot be dropped', async () => {
    const warnings: string[] = [];
    const plugin: Plugin<EngineExtensions> = {
      pluginId: 'stores',
      onEvent: () => null,
      registerExtensions: (adapters) =>
        adapters.registerMemoryStoreFactory('sticky', () =>
          Object.assign(new InMemoryStore({ maxItems: null }), {
            clear: () => Promise.reject(new RangeError('stuck')),
          }),
        ),
    };
    const files = {
      'memory.yaml': { memory: { task_store: { backend: 'sticky' } } },
      'providers.yaml': { providers: [{ id: 'sticky', type: 'memory', config: {} }] },
    };
    const logger = {
      ...silentLogger,
      warn: (_fields: unknown, message: string) => void warnings.push(message),
    };
    await using opened = await openEngine(files, { plugins: [plugin], logger });
    expect(await opened.engine.run('x')).toMatchObject({ status: 'success', output: 'x' });
    expect(warnings).toEqual(['task memory not dropped']);
  });

  it.each<[string, unknown, string]>([
    ['a function', { items: [() => 1] }, '$.items[0]'],
    ['a map', [1, new Map()], '$[1]'],
    ['a cycle', cycle, '$[0]'],
    ['nothing', undefined, '$'],
    ['a bigint', 1n, '$'],
  ])('refuses %s and says where it is', async (_what, input, path) => {
    await using opened = await openEngine();
    const refusal = { code: 'INPUT_NOT_JSON', details: { path } };
    await expect(opened.engine.run(input)).rejects.toMatchObject(refusal);
    expect(() => opened.engine.enqueue(input)).toThrow(expect.objectContaining(refusal));
    expect(opened.engine.getTaskCount()).toBe(0);
  });

  it('refuses metadata that is no JSON', async () => {
    await using opened = await openEngine();
    const metadata = { cycle: cycle as never };
    const refused = opened.engine.run('x', undefined, { metadata });
    await expect(refused).rejects.toMatchObject({ code: 'INPUT_NOT_JSON', details: { path: '$.cycle[0]' } });
    expect(opened.engine.getTaskCount()).toBe(0);
  });

  it('takes its input as it is now, whatever becomes of it', async () => {
    await using opened = await openEngine();
    const input = { list: [1] };
    const running = opened.engine.run(input);
    input.list.push(2);
    expect((await running).output).toEqual({ list: [1] });
  });
});

const halfBroken = {
  'workflow.yaml': workflow(
    [
      node('start', 'start', { default_start: true }),
      node('d', 'decision'),
      node('good', 'linear'),
      node('bad', 'linear'),
      node('exit', 'exit'),
    ],
    ['start>d', 'd>good', 'd>bad', 'good>exit', 'bad>exit'],
  ),
};

describe('several runs', () => {
  it('runMultiple goes on after a failure, and finds mistakes before the first run', async () => {
    await using opened = await openEngine(halfBroken, { deterministicOps: { bad: failing } });
    const { engine } = opened;
    const results = await engine.runMultiple(['good', 'bad', 'good']);
    expect(results.map(({ status }) => status)).toEqual(['success', 'failure', 'success']);
    expect(Object.keys(results[1]!)).toEqual(Object.keys(results[0]!));
    await expect(engine.runMultiple(['good', () => 1])).rejects.toMatchObject({ code: 'INPUT_NOT_JSON' });
    await expect(engine.runMultiple(['good'], 'lost')).rejects.toMatchObject({ code: 'START_NODE_INVALID' });
    expect(engine.getTaskCount()).toBe(3);
  });

  it('runMultiple begins nothing more once it is aborted', async () => {
    const abort = new AbortController();
    const stopping = () => {
      abort.abort();
      return { output: 1 };
    };
    await using opened = await openEngine(halfBroken, { deterministicOps: { good: stopping } });
    const { signal } = abort;
    const results = await opened.engine.runMultiple(['good', 'good', 'good'], undefined, { signal });
    expect(results.map(({ status }) => status)).toEqual(['cancelled']);
    expect(opened.engine.getTaskCount()).toBe(1);
  });

  it('tasks are counted, found by status and summed up; completed ones can be forgotten', async () => {
    await using opened = await openEngine(halfBroken, { deterministicOps: { bad: failing } });
    const { engine } = opened;
    const results = await engine.runMultiple(['good', 'bad', 'good']);
    const ids = results.map(({ task_id }) => task_id);
    expect(engine.getAllTaskIds()).toEqual(ids);
    expect(engine.getTasksByStatus('failed').map(({ task_id }) => task_id)).toEqual([ids[1]]);
    expect(engine.getTaskSummary(ids[0]!)).toMatchObject({
      status: 'completed',
      lifecycle: 'concluded',
      stage_count: 4,
      completed_stages: 4,
      has_errors: false,
      current_output: { decision: 'good' },
    });
    expect(engine.getTaskSummary('nobody')).toBeNull();
    const before = filesBelow(opened.directory.path);
    expect([engine.clearCompletedTasks(), engine.clearCompletedTasks()]).toEqual([2, 0]);
    expect(engine.getAllTaskIds()).toEqual([ids[1]]);
    expect(filesBelow(opened.directory.path)).toEqual(before);
  });

  it('clearEvents forgets; what happens afterwards is told, numbered on', async () => {
    await using opened = await openEngine();
    const { engine } = opened;
    const first = await engine.run('x');
    engine.clearEvents();
    expect(engine.getEvents()).toEqual([]);
    expect(engine.getEventsByTask(first.task_id)).toEqual([]);
    const { task_id } = await engine.run('y');
    expect(engine.getEvents().map(({ seq }) => seq)).toEqual(engine.getEvents().map((_, index) => index + 1));
    expect(engine.getEventsByTask(task_id)).toEqual(engine.getEvents());
    engine.enqueue('z');
    expect(engine.getEventsByType('task_queued')).toHaveLength(1);
  });
});

it('tells runs apart even when the source of ids repeats itself', async () => {
  const idGenerator = { hex: (digits: number) => '0'.repeat(digits), uuid: () => 'always the same' };
  await using opened = await openEngine({}, { idGenerator });
  const { engine } = opened;
  const queued = ['a', 'b', 'c'].map((input) => engine.enqueue(input));
  const results = await engine.runQueued();
  expect(results.map(({ task_id, output }) => [task_id, output])).toEqual([
    [queued[0], 'a'],
    [queued[1], 'b'],
    [queued[2], 'c'],
  ]);
  expect(new Set(queued).size).toBe(3);
  const artifacts = results.map(({ engine_task_id: id }) => engine.getArtifactStore().byTask(id!).length);
  expect(artifacts).toEqual([3, 3, 3]);
});

describe('what was bound', () => {
  it('is warned of where nothing will ever call it', async () => {
    const output = () => ({ output: null });
    const options = { deterministicOps: { main: output, mian: output }, handlers: { grep: () => null } };
    await using opened = await openEngine({}, options);
    expect(opened.engine.manifestWarnings).toEqual([
      'option deterministicOps: there is no deterministic node "mian"',
      'option handlers: there is no tool "grep"',
    ]);
  });
});

describe('a memory that cannot forget', () => {
  it('fails no run', async () => {
    const clinging: Plugin<EngineExtensions> = {
      pluginId: 'clinging',
      onEvent: () => null,
      registerExtensions: (adapters) =>
        adapters.registerMemoryStoreFactory('clinging', () =>
          Object.assign(new InMemoryStore({ maxItems: null }), {
            clear: () => Promise.reject(new RangeError('no')),
          }),
        ),
    };
    const files = { 'memory.yaml': { memory: { task_store: { backend: 'clinging' } } } };
    await using opened = await openEngine(files, { plugins: [clinging] });
    expect(await opened.engine.run('x')).toMatchObject({ status: 'success' });
  });
});

describe('what getters give', () => {
  it('reaches nothing inside', async () => {
    await using opened = await openEngine(
      { 'evaluations.yaml': { suites: [{ name: 's', cases: [{ id: 'c', input: 1 }] }] }, 'odd.yaml': {} },
      {},
    );
    const { engine } = opened;
    const result = await engine.run({ list: [1] });
    engine.enqueue('x');
    const everything = () => ({
      events: engine.getEvents(),
      byType: engine.getEventsByType('task'),
      byTask: engine.getEventsByTask(result.task_id),
      ids: engine.getAllTaskIds(),
      task: engine.getTask(result.task_id),
      tasks: engine.getTasksByStatus('completed'),
      summary: engine.getTaskSummary(result.task_id),
      queue: engine.getQueueStatus(),
      metrics: engine.getMetrics(),
      metadata: engine.getMetadata(),
      suites: engine.loadEvaluations(),
      warnings: engine.manifestWarnings,
      artifacts: engine.getArtifactStore().list(),
      plugins: engine.getPluginRegistry().list(),
      inspected: engine.createInspector().getTask(result.task_id),
    });
    const texts = () => Object.entries({ ...everything(), result }).map((each) => JSON.stringify(each));
    const before = texts();
    vandalize({ ...everything(), result });
    expect(texts().filter((text, index) => text !== before[index])).toEqual([]);
  });
});

/** Writes over whatever lets itself be written over. */
function vandalize(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const inner of Object.values(value)) vandalize(inner);
  if (Array.isArray(value)) Reflect.set(value, value.length, 'appended');
  for (const key of Object.keys(value)) Reflect.set(value, key, 'changed');
}

describe('checkpoints', () => {
  const saved = async (checkpoint?: EngineOptions['checkpoint']) => {
    await using opened = await openEngine({}, checkpoint === undefined ? {} : { checkpoint });
    const { task_id } = await opened.engine.run('x');
    const told = opened.engine.getEventsByType('checkpoint_saved').map(({ payload }) => payload['path']);
    return {
      told,
      path: `tasks/default/${task_id}.json`,
      files: [...filesBelow(opened.directory.path).keys()],
    };
  };
  it.each<[EngineOptions['checkpoint'], number]>([
    [undefined, 1],
    ['on_conclude', 1],
    ['every_node', 4],
    ['never', 0],
  ])('%s: written as often as that says', async (policy, times) => {
    const { told, path, files } = await saved(policy);
    expect(told).toEqual(Array(times).fill(path));
    expect(files.includes(`.agent_engine/${path}`)).toBe(times > 0);
  });

  it('bring a task back in another engine', async () => {
    await using directory = await createConfigDirectory();
    const options = { clock: fixedClock, idGenerator: numberedIds() };
    let result: RunResult;
    {
      await using engine = await Engine.fromConfigDir(directory.path, options);
      result = await engine.run({ a: 1 }, undefined, { metadata: { project_id: 'own' } });
    }
    await using engine = await Engine.fromConfigDir(directory.path, options);
    const checkpoints = engine.getCheckpoints();
    expect(await checkpoints.listTasks('own')).toEqual({ kind: 'loaded', value: [result.task_id] });
    const address = { projectId: 'own', taskId: result.task_id };
    expect((await checkpoints.loadCheckpoint(address)).kind).toBe('loaded');
    expect(engine.getTask(result.task_id)).toMatchObject({
      status: 'completed',
      current_output: { a: 1 },
      history: result.history,
    });
    const missing = await checkpoints.loadCheckpoint({ ...address, taskId: 'nobody' });
    expect(missing).toMatchObject({ kind: 'error', error: { error_id: 'checkpoint_not_found' } });
    expect(engine.getEvents().map(({ name }) => name)).toEqual(['checkpoint_loaded', 'checkpoint_missing']);
  });
});

it('a conversation shows the telemetry of every turn', async () => {
  const overlays = { enabled: true, level: 'summary', filters: ['task_completed'] };
  const files = { 'cli_profiles.yaml': { profiles: [{ id: 'p', telemetry_overlays: overlays }] } };
  await using opened = await openEngine(files);
  const [input, output] = [new PassThrough(), new PassThrough()];
  await using terminal = createStreamTerminal({ input, output, isInteractive: false });
  input.end('one\ntwo\nthree\n');
  await (await opened.engine.createRepl({ terminal })).run();
  expect(String(output.read()).match(/task_completed/g)).toHaveLength(3);
});
