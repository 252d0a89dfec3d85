import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type {
  DeterministicOp,
  EngineEvent,
  EngineOptions,
  JsonObject,
  JsonValue,
  MemoryItem,
  Plugin,
} from '../../src/engine.ts';
import { MINIMAL_FILES, node, workflow } from './config-directory.ts';
import { problemsIn } from './load-errors.ts';
import { failing, giving, NOW, openEngine, runOnce, scriptedModel } from './open-engine.ts';

/** The conformance scenarios about tools, context, telemetry, plugins and artifacts, at the engine's front door. */

const S = node('S', 'start', { default_start: true });
const X = node('X', 'exit');
const through = (main: object) => workflow([S, node('main', 'linear', main), X], ['S>main', 'main>X']);

/** One agent node whose model answers with these steps. */
describe('20. tool plan', () => {
  const tool = (id: string, more: object = {}) => ({
    id,
    type: 'deterministic',
    entrypoint: `test:${id}`,
    permissions: { allow_network: false, allow_shell: false, root: false },
    ...more,
  });
  const [read_file] = MINIMAL_FILES['tools.yaml'].tools;
  const files = {
    'workflow.yaml': through({ kind: 'agent', agent_id: 'writer', tools: ['read_file', 'fetch', 'breaks'] }),
    'tools.yaml': {
      tools: [
        read_file,
        tool('fetch', { capabilities: ['external_network'] }),
        tool('breaks'),
        tool('unlisted'),
      ],
    },
  };
  const breaks = () => {
    throw new RangeError('the handler broke');
  };
  async function follow(tool_id: string, inputs: JsonObject = {}) {
    const llmFactory = scriptedModel(() => ({
      main_result: { said: 'done' },
      tool_plan: { steps: [{ tool_id, inputs, reason: 'to see', kind: 'read' }] },
    }));
    const handlers = { fetch: () => 'never', unlisted: () => 'never', breaks };
    await using opened = await openEngine(files, { llmFactory, handlers });
    await writeFile(join(opened.directory.workspace, 'note.txt'), 'what it says');
    const result = await opened.engine.run('go');
    const artifacts = opened.engine.getArtifactStore().byType('tool_result', result.task_id);
    return { result, artifacts, record: result.history.find(({ node_id }) => node_id === 'main')! };
  }

  it('with one read step: recorded, and attached to the output', async () => {
    const { result, record, artifacts } = await follow('read_file', { path: 'note.txt' });
    expect(record.tool_plan?.steps).toEqual([
      { tool_id: 'read_file', inputs: { path: 'note.txt' }, reason: 'to see', kind: 'read' },
    ]);
    const [call] = record.tool_calls;
    expect(call).toMatchObject({ tool_id: 'read_file', error: null, output: { content: 'what it says' } });
    expect(result).toMatchObject({
      status: 'success',
      output: { said: 'done', tool_calls: [call], summary: 'what it says' },
    });
    expect(artifacts).toMatchObject([
      {
        metadata: {
          node_id: 'main',
          additional_metadata: { tool_call_id: call?.call_id, status: 'success' },
        },
        payload: { tool_name: 'read_file', arguments: { path: 'note.txt' }, result: call?.output },
      },
    ]);
  });
  it.each([
    ['fetch', 'tool_permission_denied', 'security'],
    ['nothing', 'tool_not_found', 'tool'],
    ['unlisted', 'tool_not_allowed', 'security'],
  ])('naming %s fails the node: %s', async (tool_id, error_id, code) => {
    const { result, record } = await follow(tool_id);
    expect(result).toMatchObject({ status: 'failure', error: { error_id, code, stage_id: 'main' } });
    expect(record.tool_calls).toEqual([]);
  });
  it('whose handler throws completes the node and keeps the error in the call', async () => {
    const { result, record, artifacts } = await follow('breaks');
    expect(record).toMatchObject({ node_status: 'completed', error: null });
    expect(record.tool_calls).toMatchObject([{ output: null, error: { error_id: 'tool_execution_failed' } }]);
    expect(result.status).toBe('success');
    expect(artifacts[0]?.metadata.additional_metadata).toMatchObject({ status: 'failure' });
  });
  it('that leaves the workspace is misuse', async () => {
    const { result } = await follow('read_file', { path: '../outside.txt' });
    expect(result.error).toMatchObject({ code: 'security', error_id: 'tool_path_escape' });
  });
});

describe('21. context', () => {
  const item = (context_item_id: string, more: Partial<MemoryItem> = {}): MemoryItem => ({
    context_item_id,
    kind: 'note',
    source: 'test',
    timestamp: NOW,
    tags: [],
    importance: null,
    token_cost: 1,
    payload: context_item_id,
    metadata: {},
    task_id: null,
    project_id: 'default',
    ...more,
  });
  const profile = (id: string, more: object = {}) => ({
    id,
    max_tokens: 100,
    retrieval_policy: 'recency',
    sources: ['task', 'project', 'global'].map((store) => ({ store })),
    ...more,
  });
  const filesOf = (context: string, ...profiles: readonly object[]) => ({
    'workflow.yaml': through({ context }),
    'memory.yaml': { memory: { context_profiles: profiles } },
  });

  /** What the node `main` got to see, and the engine's word on it. */
  async function seen(
    files: ReturnType<typeof filesOf>,
    stored: { readonly project?: readonly MemoryItem[]; readonly global?: readonly MemoryItem[] } = {},
    metadata: JsonObject = {},
  ) {
    let payloads: readonly JsonValue[] | null = null;
    let ratio = 1;
    const look: DeterministicOp = (_task, _node, { package: context, input }) => {
      payloads = context?.items.map(({ payload }) => payload) ?? null;
      ratio = context?.compression_ratio ?? 1;
      return { output: input };
    };
    await using opened = await openEngine(files, { deterministicOps: { main: look } });
    const { engine } = opened;
    for (const each of stored.project ?? []) await engine.getMemoryStore('project').put(each);
    for (const each of stored.global ?? []) await engine.getMemoryStore('global').put(each);
    const result = await engine.run('from the task', undefined, { metadata });
    const record = result.history.find(({ node_id }) => node_id === 'main');
    const left = await engine.getMemoryStore('task').count();
    return { payloads, ratio, left, told: record?.context_metadata, status: result.status };
  }
  const one = { project: [item('p')], global: [item('g', { project_id: null })] };

  it('gathers from all three stores, and leaves nothing in the task memory', async () => {
    const { payloads, told, left } = await seen(filesOf('all', profile('all')), one);
    expect([...payloads!].toSorted()).toEqual(['from the task', 'g', 'p']);
    expect(told).toMatchObject({ profile_id: 'all', items_count: 3, dropped_count: 0 });
    expect(left).toBe(0);
  });
  it('filters by any of several tags', async () => {
    const project = [item('a', { tags: ['x'] }), item('b', { tags: ['y', 'z'] }), item('c', { tags: ['w'] })];
    const sources = [{ store: 'project', tags: ['x', 'y'] }];
    const { payloads } = await seen(filesOf('tagged', profile('tagged', { sources })), { project });
    expect(payloads).toEqual(['a', 'b']);
  });
  it('never exceeds the budget', async () => {
    const project = Array.from({ length: 9 }, (_, index) => item(`i${index}`, { token_cost: 3 }));
    const small = profile('small', { max_tokens: 10, sources: [{ store: 'project' }] });
    const { payloads, told, ratio } = await seen(filesOf('small', small), { project });
    expect(payloads).toHaveLength(3);
    expect(told).toMatchObject({ total_tokens: 9, dropped_count: 6 });
    expect(ratio).toBeGreaterThan(0);
    expect(ratio).toBeLessThanOrEqual(1);
  });
  it('is none for "none", and the default profile for "global"', async () => {
    expect(await seen(filesOf('none', profile('all')), one)).toMatchObject({ payloads: null, told: null });
    const { told } = await seen(filesOf('global', profile('all')), one);
    expect(told).toMatchObject({ profile_id: 'global_default', items_count: 3 });
  });
  it.each<[string, ReturnType<typeof filesOf>, string]>([
    ['unknown profile', filesOf('lost', profile('all')), 'workflow.yaml nodes.main'],
    ['no budget', filesOf('p', profile('p', { max_tokens: 0 })), 'memory.yaml memory.context_profiles[0]'],
    [
      'unknown store',
      filesOf('p', profile('p', { sources: [{ store: 'elsewhere' }] })),
      'memory.yaml memory.context_profiles[0]',
    ],
  ])('%s is a load error', async (_what, files, place) => {
    const problems = problemsIn(await openEngine(files).catch((error: unknown) => error));
    expect(problems.map(({ type, file, at }) => `${type} ${file} ${at}`)).toEqual([
      `SchemaValidationError ${place}`,
    ]);
  });
  it('keeps projects apart', async () => {
    const project = [item('mine', { project_id: 'a' }), item('theirs', { project_id: 'b' })];
    const files = filesOf('p', profile('p', { sources: [{ store: 'project' }] }));
    expect((await seen(files, { project }, { project_id: 'a' })).payloads).toEqual(['mine']);
    expect((await seen(files, { project }, { project_id: 'b' })).payloads).toEqual(['theirs']);
  });
});

describe('22. telemetry, plugins, artifacts', () => {
  const files = { 'workflow.yaml': through({}) };

  it('every event is JSON, stamped, unique and in order; found by type and task', async () => {
    await using opened = await openEngine(files, { checkpoint: 'never' });
    const { engine } = opened;
    const [first, second] = await engine.runMultiple(['one', 'two']);
    const events = engine.getEvents();
    expect(JSON.parse(JSON.stringify(events))).toEqual(events);
    for (const { timestamp, event_id, name, seq, metadata } of events) {
      expect(new Date(timestamp).toISOString()).toBe(timestamp);
      expect(event_id).toBe(`${name}-${seq}`);
      expect(metadata).toEqual({
        engine_version: engine.getMetadata().engine_version,
        manifest_digest: engine.getMetadata().manifest_digest,
      });
    }
    for (const { task_id } of [first!, second!]) {
      const own = engine.getEventsByTask(task_id);
      expect(own.map(({ seq }) => seq)).toEqual(own.map((_, index) => index + 1));
    }
    expect(engine.getEventsByType('routing_decision')).toHaveLength(4);
    expect(engine.getEventsByType('routing')).toEqual(engine.getEventsByType('routing_decision'));
  });

  it('a plugin that throws or mutates stops nobody', async () => {
    const seen: EngineEvent[] = [];
    const vandal: Plugin = {
      pluginId: 'vandal',
      onStartup: () => Promise.reject(new RangeError('no start')),
      onEvent(event) {
        (event.payload as { event: string }).event = 'changed';
      },
    };
    const witness: Plugin = { pluginId: 'witness', onEvent: (event) => void seen.push(event) };
    const { result, events } = await runOnce(files, 'x', { plugins: [vandal, witness] });
    expect(result.status).toBe('success');
    expect(seen).toEqual(events);
    expect(seen.every(({ payload, name }) => payload['event'] === name)).toBe(true);
  });

  const declared = (plugin: object) => ({ ...files, 'plugins.yaml': { plugins: [{ id: 'p', ...plugin }] } });
  it('declared plugins observe; disabled ones are not even imported', async () => {
    const code = `export class Witness {
      constructor(id, config) { this.pluginId = id; this.config = config; }
      onEvent(event) { globalThis[this.config.key] = [...(globalThis[this.config.key] ?? []), event.name]; }
    }`;
    const key = 'conformance scenario 22';
    const plugin = { entrypoint: './witness.mjs:Witness', config: { key } };
    const { events } = await runOnce({ ...declared(plugin), 'witness.mjs': code });
    expect(Object.getOwnPropertyDescriptor(globalThis, key)?.value).toEqual(events.map(({ name }) => name));
    await using off = await openEngine(declared({ module: 'not.there.Plugin', enabled: false }));
    expect(off.engine.getPluginRegistry().list()).toEqual([]);
  });
  it.each([
    ['module', { module: 'not.there.Plugin' }],
    ['class', { entrypoint: './code.mjs:Nothing' }],
    ['base class', { entrypoint: './code.mjs:Other' }],
    ['constructor', { entrypoint: './code.mjs:Throws' }],
  ])('a bad %s is a load error', async (_what, plugin) => {
    const code =
      'export class Other {} export class Throws { constructor() { throw new RangeError("no"); } }';
    const error: unknown = await openEngine({ ...declared(plugin), 'code.mjs': code }).catch(
      (refusal: unknown) => refusal,
    );
    expect(problemsIn(error)).toMatchObject([
      { type: 'SchemaValidationError', file: 'plugins.yaml', at: 'plugins[0]' },
    ]);
  });

  it('keeps the output of every node, found by id, task, node and type', async () => {
    const options: EngineOptions = { deterministicOps: { main: giving([1, 2]) } };
    await using opened = await openEngine(files, options);
    const store = opened.engine.getArtifactStore();
    const { task_id, manifest_digest } = await opened.engine.run('x');
    const kept = store.byTask(task_id);
    expect(kept.map(({ metadata }) => metadata.node_id)).toEqual(['S', 'main', 'X']);
    const [main] = store.byNode('main');
    expect(main).toEqual({
      metadata: {
        artifact_id: main?.metadata.artifact_id,
        task_id,
        node_id: 'main',
        artifact_type: 'node_output',
        timestamp: NOW,
        schema_ref: null,
        additional_metadata: {
          node_role: 'linear',
          node_kind: 'deterministic',
          execution_status: 'completed',
          manifest_digest,
        },
      },
      payload: [1, 2],
    });
    expect(store.get(main!.metadata.artifact_id)).toEqual(main);
    expect(store.byType('node_output', task_id)).toEqual(kept);
    expect(store.byType('tool_result')).toEqual([]);
  });
  it('keeps nothing of a node that gave nothing', async () => {
    await using opened = await openEngine(files, { deterministicOps: { main: failing } });
    await opened.engine.run('x');
    expect(opened.engine.getArtifactStore().byNode('main')).toEqual([]);
  });
});
