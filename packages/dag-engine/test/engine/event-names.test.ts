import { describe, expect, it } from 'vitest';
import type { EngineExtensions, EngineEvent, EngineOptions, Plugin } from '../../src/engine.ts';
import { InMemoryStore } from '../../src/engine/memory/in-memory-store.ts';
import { EVENT_CATEGORIES } from '../../src/engine/model/engine-event.ts';
import { node, workflow, type FileContent } from './config-directory.ts';
import { failing, giving, openEngine, scriptedModel, type TestEngine } from './open-engine.ts';

/** Every event of the specification is emitted by some run, with the payload it says, and there is no other. */

const S = node('S', 'start', { default_start: true });
const X = node('X', 'exit');
const through = (main: object = {}) => workflow([S, node('main', 'linear', main), X], ['S>main', 'main>X']);

const divided = workflow(
  [
    S,
    node('d', 'decision'),
    node('br', 'branch'),
    node('sp', 'split'),
    ...['a', 'b', 'c'].map((id) => node(id, 'linear')),
    node('m', 'merge'),
    node('n', 'merge'),
    X,
  ],
  ['S>d', 'd>br', 'd>sp', 'br>a', 'br>b', 'sp>c', 'a>m', 'b>m', 'm>n', 'c>n', 'n>X'],
);

/** An agent that reads a file that is there, and one tool that breaks. */
const toolFiles = {
  'workflow.yaml': through({
    kind: 'agent',
    agent_id: 'writer',
    context: 'global',
    tools: ['list_files', 'breaks'],
  }),
  'tools.yaml': {
    tools: [
      { id: 'list_files', type: 'filesystem', entrypoint: 'agent_engine.tools.filesystem:list_files' },
      { id: 'breaks', type: 'own', entrypoint: 'own:breaks' },
    ],
  },
  'memory.yaml': { memory: { task_store: { backend: 'file' } } },
};
const toolOptions: EngineOptions = {
  llmFactory: scriptedModel(() => ({
    main_result: 'done',
    tool_plan: { steps: [{ tool_id: 'list_files' }, { tool_id: 'breaks' }] },
  })),
  handlers: {
    breaks: () => {
      throw new RangeError('broken');
    },
  },
};

const forgetful: Plugin<EngineExtensions> = {
  pluginId: 'forgetful',
  onEvent: () => null,
  registerExtensions: (adapters) =>
    adapters.registerMemoryStoreFactory('forgetful', () =>
      Object.assign(new InMemoryStore({ maxItems: null }), {
        query: () => Promise.reject(new RangeError('cannot remember')),
      }),
    ),
};

const credential = (id: string, env_var: string) => ({
  id,
  provider: 'scripted',
  auth: { type: 'api_key', source: 'env', env_var },
});

interface Scenario {
  readonly files: Readonly<Record<string, FileContent>>;
  readonly options?: EngineOptions;
  readonly act?: (opened: TestEngine) => Promise<unknown>;
}

const SCENARIOS = {
  'clones that merge': {
    files: { 'workflow.yaml': divided },
    act: ({ engine }) => engine.run({ next: 'br' }),
  },
  'subtasks that merge': {
    files: { 'workflow.yaml': divided },
    act: ({ engine }) => engine.run({ next: 'sp', subtask_inputs: [1, 2] }),
  },
  'an agent with tools, context and a memory file': { files: toolFiles, options: toolOptions },
  'a node that fails': {
    files: { 'workflow.yaml': through() },
    options: { deterministicOps: { main: failing } },
  },
  'a memory that fails': {
    files: {
      'workflow.yaml': through({ context: 'global' }),
      'memory.yaml': { memory: { project_store: { backend: 'forgetful' } } },
    },
    options: { plugins: [forgetful] },
  },
  'a policy': {
    files: {
      'workflow.yaml': through(),
      'policy.yaml': {
        policies: [
          { name: 'p', rules: [{ target: 'node', target_id: 'main', action: 'deny', reason: 'no' }] },
        ],
      },
    },
  },
  checkpoints: {
    files: {},
    act: async ({ engine }) => {
      const { task_id: taskId } = await engine.run('x');
      await engine.getCheckpoints().loadCheckpoint({ projectId: 'default', taskId });
      await engine.getCheckpoints().loadCheckpoint({ projectId: 'default', taskId: 'nobody' });
    },
  },
  evaluations: {
    files: {
      'evaluations.yaml': { suites: [{ name: 's', cases: [{ id: 'c', input: 1, assertions: [] }] }] },
    },
    act: ({ engine }) => engine.createEvaluator().evaluateSuites(engine.loadEvaluations()),
  },
  'a small queue': {
    files: { 'scheduler.yaml': { scheduler: { max_queue_size: 1 } } },
    act: async ({ engine }) => {
      engine.enqueue('a');
      expect(() => engine.enqueue('b')).toThrow('Queue full');
      await engine.runQueued();
    },
  },
  credentials: {
    files: {
      'provider_credentials.yaml': {
        provider_credentials: [credential('there', 'KEY'), credential('missing', 'NO_KEY')],
      },
    },
    options: { env: { KEY: 'secret value' }, deterministicOps: { main: giving(1) } },
  },
} as const satisfies Readonly<Record<string, Scenario>>;

type ScenarioName = keyof typeof SCENARIOS;

async function eventsOf(name: ScenarioName): Promise<readonly EngineEvent[]> {
  const { files, options = {}, act }: Scenario = SCENARIOS[name];
  await using opened = await openEngine(files, options);
  await (act?.(opened) ?? opened.engine.run('x'));
  return opened.engine.getEvents();
}

type About = 'node' | 'task' | 'engine';

/** As §11 of the specification lists them: category, what the event is about, fields of the payload. */
const EVENTS: readonly (readonly [string, string, About, string, ScenarioName])[] = [
  ['task_started', 'task', 'task', 'spec mode', 'clones that merge'],
  ['task_completed', 'task', 'task', 'status lifecycle output', 'clones that merge'],
  ['task_failed', 'task', 'task', 'error', 'a node that fails'],
  ['clone_created', 'task', 'node', 'clone_id lineage', 'clones that merge'],
  ['subtask_created', 'task', 'node', 'subtask_id lineage', 'subtasks that merge'],
  ['node_started', 'node', 'node', 'role kind input', 'clones that merge'],
  ['node_completed', 'node', 'node', 'output status', 'clones that merge'],
  ['node_failed', 'node', 'node', 'error', 'a node that fails'],
  ['routing_decision', 'routing', 'node', 'decision next_node_id', 'clones that merge'],
  ['routing_branch', 'routing', 'node', 'clone_count clone_ids', 'clones that merge'],
  ['routing_split', 'routing', 'node', 'subtask_count subtask_ids', 'subtasks that merge'],
  ['routing_merge', 'routing', 'node', 'input_count input_statuses failure_count', 'clones that merge'],
  ['tool_invoked', 'tool', 'node', 'tool_id inputs', 'an agent with tools, context and a memory file'],
  [
    'tool_completed',
    'tool',
    'node',
    'tool_id output status',
    'an agent with tools, context and a memory file',
  ],
  ['tool_failed', 'tool', 'node', 'tool_id error', 'an agent with tools, context and a memory file'],
  [
    'context_assembled',
    'memory',
    'node',
    'profile_id item_count token_count',
    'an agent with tools, context and a memory file',
  ],
  ['context_failed', 'memory', 'node', 'error', 'a memory that fails'],
  ['policy_denied', 'error', 'node', 'target reason', 'a policy'],
  ['checkpoint_saved', 'telemetry', 'task', 'task_id path', 'checkpoints'],
  ['checkpoint_loaded', 'telemetry', 'task', 'task_id path', 'checkpoints'],
  ['checkpoint_missing', 'telemetry', 'task', 'task_id path', 'checkpoints'],
  ['evaluation_completed', 'telemetry', 'task', 'case_id status execution_time_ms', 'evaluations'],
  ['queue_full', 'telemetry', 'engine', 'queue_size max_size', 'a small queue'],
  ['task_queued', 'telemetry', 'engine', 'queued_task_id queue_size', 'a small queue'],
  ['task_dequeued', 'telemetry', 'engine', 'queued_task_id queue_size', 'a small queue'],
  ['credential_loaded', 'telemetry', 'engine', 'credential_id provider source', 'credentials'],
  ['credential_failed', 'telemetry', 'engine', 'credential_id provider source error', 'credentials'],
  [
    'memory_persisted',
    'memory',
    'task',
    'store backend item_count',
    'an agent with tools, context and a memory file',
  ],
];

/** Not in the specification's list; they number executions and calls, or tell whose child a task is. */
const ADDED = ['seq', 'call_id', 'target_id', 'profile_id', 'parent_task_id', 'lineage_type'];

describe('every event', () => {
  it.for(EVENTS)('%s', async ([name, type, about, fields, scenario]) => {
    const found = (await eventsOf(scenario)).filter((event) => event.name === name);
    expect(found.length).toBeGreaterThan(0);
    const wanted = ['event', ...fields.split(' ')];
    for (const event of found) {
      expect(event).toMatchObject({ type, payload: { event: name } });
      expect(Object.keys(event.payload)).toEqual(expect.arrayContaining(wanted));
      expect(
        Object.keys(event.payload).filter((key) => !wanted.includes(key) && !ADDED.includes(key)),
      ).toEqual([]);
      expect([event.task_id !== null, event.stage_id !== null]).toEqual([
        about !== 'engine',
        about === 'node',
      ]);
      if (name.endsWith('_failed') && about !== 'engine') {
        const { task_id, stage_id, error_id } = event.payload['error'] as Record<string, unknown>;
        expect([task_id, typeof stage_id, typeof error_id]).toEqual([event.task_id, 'string', 'string']);
      }
    }
  });

  it('is in the list, and each is of a category', async () => {
    const listed = EVENTS.map(([name, type]) => [name, type]);
    expect(Object.fromEntries(listed)).toEqual(EVENT_CATEGORIES);
    const names = new Set<string>();
    for (const scenario of Object.keys(SCENARIOS) as ScenarioName[]) {
      for (const { name } of await eventsOf(scenario)) names.add(name);
    }
    expect([...names].toSorted()).toEqual(EVENTS.map(([name]) => name).toSorted());
  });
});
