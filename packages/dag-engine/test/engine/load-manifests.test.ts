import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadManifests } from '../../src/engine/manifests/load-manifests.ts';
import { createWorkflowGraph } from '../../src/engine/workflow/workflow-graph.ts';
import {
  createConfigDirectory,
  LINEAR_WORKFLOW,
  MINIMAL_FILES,
  node,
  workflow,
  type FileContent,
} from './config-directory.ts';
import { problemsOf } from './load-errors.ts';

const load = async (files: Readonly<Record<string, FileContent>> = {}) => {
  await using directory = await createConfigDirectory(files);
  return await loadManifests(directory.path);
};

it('fills in every default of a minimal directory', async () => {
  await using directory = await createConfigDirectory();
  const { manifests, warnings } = await loadManifests(directory.path);
  expect(warnings).toEqual([]);
  expect(manifests).toEqual({
    config_dir: directory.path,
    workflow: {
      nodes: ['start', 'main', 'exit'].map((id) => ({
        id,
        name: id,
        kind: 'deterministic',
        role: id === 'main' ? 'linear' : id,
        default_start: id === 'start',
        agent_id: null,
        context: 'none',
        tools: [],
        inputs_schema_id: null,
        outputs_schema_id: null,
        continue_on_failure: false,
        always_fail: false,
        merge_strategy: 'identity',
        merge_failure_mode: 'fail_on_any',
        join: null,
        metadata: {},
      })),
      edges: [
        { edge_id: null, from: 'start', to: 'main', label: null },
        { edge_id: null, from: 'main', to: 'exit', label: null },
      ],
    },
    agents: [
      { id: 'writer', kind: 'agent', provider: 'scripted', model: 'model-1', config: {}, description: '' },
    ],
    tools: [
      {
        tool_id: 'read_file',
        type: 'deterministic',
        kind: 'deterministic',
        name: 'read_file',
        description: 'read_file',
        entrypoint: 'agent_engine.tools.filesystem:read_file',
        inputs_schema_id: null,
        outputs_schema_id: null,
        capabilities: ['deterministic_safe'],
        risk_level: 'low',
        version: '1.0.0',
        enabled: true,
        timeout: null,
        allow_network: false,
        allow_shell: false,
        filesystem_root: null,
      },
    ],
    memory: {
      stores: Object.fromEntries(
        ['task', 'project', 'global'].map((store) => [
          store,
          { backend: 'in_memory', file_path: null, db_path: null, max_items: null, declared: {} },
        ]),
      ),
      context_profiles: [
        {
          id: 'global_default',
          max_tokens: 8000,
          retrieval_policy: 'recency',
          sources: ['task', 'project', 'global'].map((store) => ({ store, tags: [], inherit: false })),
          metadata: {},
        },
      ],
      head_tail_preserve: 0,
    },
    schemas: {},
    plugins: [],
    suites: [],
    metrics: [
      expect.objectContaining({
        name: 'default',
        metrics: [
          'node_execution_duration',
          'tool_invocation_duration',
          'task_total_duration',
          'node_execution_count',
          'tool_invocation_count',
        ].map((name) => expect.objectContaining({ name, enabled: true })),
      }),
    ],
    policies: [],
    scheduler: { enabled: true, max_concurrency: 1, queue_policy: 'fifo', max_queue_size: null },
    credentials: [],
    providers: [],
    artifacts: { backend: 'in_memory', db_path: null, max_items: null },
    deployment: null,
    cli_profiles: [
      expect.objectContaining({
        id: 'default',
        session_policies: {
          persist_history: true,
          persist_attachments: true,
          history_file: null,
          max_history_items: 1000,
        },
      }),
    ],
    file_hashes: expect.anything(),
  });
});

it('freezes what it gives, and gives the same for the same files', async () => {
  await using directory = await createConfigDirectory({ 'schemas/doc.json': { type: 'object' } });
  const { manifests } = await loadManifests(directory.path);
  expect(Object.isFrozen(manifests.workflow.nodes[0]?.metadata)).toBe(true);
  expect(Object.isFrozen(manifests.schemas['doc'])).toBe(true);
  expect((await loadManifests(directory.path)).manifests).toEqual(manifests);
});

it('hashes the raw bytes of every file it read, and of no other', async () => {
  const policy = '# a comment counts\npolicies: []\n';
  await using directory = await createConfigDirectory({
    'policy.yaml': policy,
    'schemas/doc.json': '{ }',
    'notes.txt': 'x',
    'schemas/README.md': 'x',
  });
  const { manifests } = await loadManifests(directory.path);
  const names = ['workflow.yaml', 'agents.yaml', 'tools.yaml', 'policy.yaml', 'schemas/doc.json'];
  const entries = names.map(async (name) => {
    const bytes = await readFile(join(directory.path, name));
    return [name, createHash('sha256').update(bytes).digest('hex')] as const;
  });
  expect(manifests.file_hashes).toEqual(Object.fromEntries(await Promise.all(entries)));
});

it('takes every alias for what it stands for', async () => {
  const { manifests, warnings } = await load({
    'workflow.yaml': {
      nodes: [
        { stage_id: ' start ', kind: 'deterministic', role: 'start', default_start: true, context: 'none' },
        { ...node('a', 'decision'), schema_in: 'doc', schema_out: { type: 'object' } },
        { ...node('b', 'linear'), input_schema: 'doc', output_schema: 'task', fail_on_failure: false },
        node('exit', 'exit'),
      ],
      edges: [
        { from_node_id: 'start', to_node_id: 'a' },
        { from: 'a', to: 'b', condition: 'long', edge_id: 'e1' },
        { from: 'a', to: 'exit', label: 42 },
        { from: 'b', to: 'exit' },
      ],
    },
    'agents.yaml': { agents: [{ id: 'w', kind: 'agent', model: 'a/b/c' }] },
    'tools.yaml': {
      tools: [
        {
          id: 'Write_it',
          type: 'llm_tool',
          entrypoint: './x.ts:run',
          root: 'documents',
          allow_network: true,
        },
      ],
    },
    'memory.yaml': {
      memory: {
        task_store: { type: 'jsonl', max_items: 3 },
        project_store: { backend: 'sqlite', retention: { max_items: 4 } },
        context_policy: { head_tail_preserve: 2, middle_compress: true },
      },
      context_profiles: [
        { id: 'p', max_tokens: 5, retrieval_policy: 'recency', sources: [{ store: 'task', inherit: true }] },
      ],
    },
    'plugins.yaml': { plugins: [{ id: 'p', entrypoint: './observer.ts:Observer' }] },
    'schemas/doc.json': 'true',
  });
  expect(warnings).toEqual([]);
  expect(manifests.workflow.nodes).toMatchObject([
    { id: 'start' },
    { inputs_schema_id: 'doc', outputs_schema_id: { type: 'object' } },
    { inputs_schema_id: 'doc', outputs_schema_id: 'task', continue_on_failure: true },
    { id: 'exit' },
  ]);
  expect(manifests.workflow.edges).toEqual([
    { edge_id: null, from: 'start', to: 'a', label: null },
    { edge_id: 'e1', from: 'a', to: 'b', label: 'long' },
    { edge_id: null, from: 'a', to: 'exit', label: '42' },
    { edge_id: null, from: 'b', to: 'exit', label: null },
  ]);
  expect(manifests.agents).toMatchObject([{ provider: 'a', model: 'b/c' }]);
  expect(manifests.tools).toMatchObject([
    {
      kind: 'llm_tool',
      capabilities: ['workspace_mutation'],
      filesystem_root: 'documents',
      allow_network: true,
      allow_shell: false,
    },
  ]);
  expect(manifests.memory).toMatchObject({
    stores: {
      task: { backend: 'file', max_items: 3, declared: { type: 'jsonl' } },
      project: { backend: 'sqlite', max_items: 4 },
      global: { backend: 'in_memory' },
    },
    context_profiles: [{ id: 'p', sources: [{ store: 'task', inherit: true }] }, { id: 'global_default' }],
    head_tail_preserve: 2,
  });
  expect(manifests.plugins).toMatchObject([{ entrypoint: './observer.ts:Observer', enabled: true }]);
});

it('gives nodes what their agent says, unless they say it themselves', async () => {
  const { manifests } = await load({
    'workflow.yaml': workflow(
      [
        node('start', 'start', { default_start: true }),
        { id: 'a', kind: 'agent', role: 'linear', agent_id: 'w' },
        {
          id: 'b',
          kind: 'agent',
          role: 'linear',
          agent_id: 'w',
          context: 'none',
          tools: [],
          schema_out: 'task',
        },
        node('exit', 'exit'),
      ],
      ['start>a', 'a>b', 'b>exit'],
    ),
    'agents.yaml': {
      agents: [
        { id: 'w', kind: 'agent', llm: 'm', context: 'global', tools: ['read_file'], schema_out: 'event' },
      ],
    },
  });
  expect(manifests.workflow.nodes.slice(1, 3)).toMatchObject([
    { context: 'global', tools: ['read_file'], outputs_schema_id: 'event' },
    { context: 'none', tools: [], outputs_schema_id: 'task' },
  ]);
});

it('guesses what a tool may do from its names only where it does not say so', async () => {
  const base = { type: 'deterministic', entrypoint: 'm:f' };
  const { manifests } = await load({
    'tools.yaml': {
      tools: [
        { ...base, id: 'write_file' },
        { ...base, id: 'save', name: 'Overwrite' },
        { ...base, id: 'write_log', capabilities: ['expensive'], risk_level: 'high' },
      ],
    },
  });
  expect(manifests.tools.map(({ capabilities, risk_level }) => [capabilities, risk_level])).toEqual([
    [['workspace_mutation'], 'medium'],
    [['workspace_mutation'], 'medium'],
    [['expensive'], 'high'],
  ]);
});

it('gives a lone start an exit', async () => {
  const start = { ...node('start', 'start', { default_start: true }) };
  const { manifests } = await load({ 'workflow.yaml': { nodes: [start] } });
  const graph = createWorkflowGraph(manifests.workflow);
  expect(graph.outEdges('start').map(({ to }) => to)).toEqual(['exit']);
  expect(graph.node('exit')).toMatchObject({ role: 'exit', kind: 'deterministic', context: 'none' });
  const named = await load({ 'workflow.yaml': { nodes: [{ ...start, id: 'exit' }] } });
  expect(named.manifests.workflow.nodes.map(({ id }) => id)).toEqual(['exit', 'exit_1']);
});

it('gives no exit to a workflow that has edges or more nodes', async () => {
  const problems = await problemsOf({
    'workflow.yaml': workflow(
      [node('start', 'start', { default_start: true }), node('a', 'linear')],
      ['start>a'],
    ),
  });
  expect(problems.map(({ message }) => message)).toContain('DAG validation error: there is no exit');
});

it('warns of what it ignores', async () => {
  const { warnings } = await load({
    'workflow.yaml': {
      ...LINEAR_WORKFLOW,
      nodes: [{ ...LINEAR_WORKFLOW.nodes[0], schema_outt: 'x' }, ...LINEAR_WORKFLOW.nodes.slice(1)],
      config: {},
      version: 1,
    },
    'agents.yaml': { agents: [{ ...MINIMAL_FILES['agents.yaml'].agents[0], model: 'other' }] },
    'metrics.yaml': '',
    'scheduler.yaml': { scheduler: { rate_limit: 5 } },
    'policies.yaml': {},
    'inspector.yaml': {},
    'memory.yml': {},
    'schemas/task.json': {},
    'schemas/README.md': '',
  });
  expect(warnings).toEqual([
    'workflow.yaml at nodes[0]: unknown key "schema_outt" is ignored',
    'workflow.yaml: unknown key "config" is ignored',
    'agents.yaml at agents[0]: "model" is ignored: its other name is there too',
    'metrics.yaml: Empty file',
    'scheduler.yaml at scheduler: "rate_limit" is reserved and has no effect',
    'schemas/README.md: not a JSON or YAML file, ignored',
    'schemas/task.json: replaces the built-in schema "task"',
    'inspector.yaml: not used in v1',
    'memory.yml: not read: it must be called memory.yaml',
    'policies.yaml: not read: the policies are in policy.yaml',
  ]);
});

it('warns of what has no effect where it stands', async () => {
  const [start, main, exit] = LINEAR_WORKFLOW.nodes;
  const { warnings } = await load({
    'workflow.yaml': {
      ...LINEAR_WORKFLOW,
      nodes: [start, { ...main, merge: { strategy: 'list' }, merge_failure_mode: 'partial' }, exit],
    },
    'memory.yaml': {
      memory: {
        task_store: { backend: 'sqlite', file_path: 'a.jsonl', db_path: 'a.db' },
        project_store: { backend: 'file', file_path: 'b.jsonl', db_path: 'b.db' },
        global_store: { db_path: 'c.db' },
      },
    },
  });
  expect(warnings).toEqual([
    'workflow.yaml at nodes.main: "merge" has no effect: the node is no merge',
    'workflow.yaml at nodes.main: "merge_failure_mode" has no effect: the node is no merge',
    'memory.yaml at memory.task_store: "file_path" has no effect: the backend is sqlite, not file',
    'memory.yaml at memory.project_store: "db_path" has no effect: the backend is file, not sqlite',
    'memory.yaml at memory.global_store: "db_path" has no effect: the backend is in_memory, not sqlite',
  ]);
});

it('warns of evaluation cases that name what there is not', async () => {
  const assertions = [
    { type: 'equals', expected: 'nowhere' },
    { type: 'schema_valid', expected: 'nowhere' },
    { type: 'schema_valid', expected: 'task' },
  ];
  const cases = [
    { id: 'good', input: 1, start_node_id: 'start' },
    { id: 'bad', input: 1, start_node_id: 'begin', assertions },
  ];
  const { warnings } = await load({ 'evaluations.yaml': { suites: [{ name: 's', cases }] } });
  expect(warnings).toEqual([
    'evaluations.yaml at suites[0].cases[1]: unknown start node "begin"',
    'evaluations.yaml at suites[0].cases[1].assertions[1]: unknown schema "nowhere"',
  ]);
});

it('knows no metrics where the file declares none', async () => {
  expect((await load({ 'metrics.yaml': { profiles: [] } })).manifests.metrics).toEqual([]);
});

it('leaves backends and policies that plugins or options may bring to the engine', async () => {
  const memory = {
    memory: {
      task_store: { type: 'redis', url: 'redis://x' },
      context_profiles: [{ id: 'p', max_tokens: 5, retrieval_policy: 'semantic', sources: [] }],
    },
  };
  const plugins = (enabled: boolean) => ({ plugins: [{ id: 'p', module: 'a.B', enabled }] });
  const places = async (...given: Parameters<typeof problemsOf>) =>
    (await problemsOf(...given)).map(({ at }) => at);
  expect(await places({ 'memory.yaml': memory, 'plugins.yaml': plugins(true) })).toEqual([]);
  expect(
    await places({ 'memory.yaml': memory }, { memoryBackends: ['redis'], retrievalPolicies: ['semantic'] }),
  ).toEqual([]);
  expect(await places({ 'memory.yaml': memory, 'plugins.yaml': plugins(false) })).toEqual([
    'memory.task_store',
    'memory.context_profiles[0]',
  ]);
  const providers = { providers: [{ id: 'redis', type: 'memory', factory: 'm:f' }] };
  expect(await places({ 'memory.yaml': memory, 'providers.yaml': providers })).toEqual([
    'memory.context_profiles[0]',
  ]);
});

it('measures the roots of tools by the workspace it is told', async () => {
  const tools = { tools: [{ id: 't', type: 'x', entrypoint: 'm:f', root: '/srv/project/documents' }] };
  expect(await problemsOf({ 'tools.yaml': tools }, { workspaceRoot: '/srv/project' })).toEqual([]);
  expect(await problemsOf({ 'tools.yaml': tools }, { workspaceRoot: '/srv/projection' })).toHaveLength(1);
});

it('reads a number as the text of a version, and says so', async () => {
  const { manifests, warnings } = await load({
    'tools.yaml': 'tools: [{ id: one, type: deterministic, entrypoint: "a:b", version: 1.5 }]',
    'providers.yaml': 'providers: [{ id: local, type: llm, version: 2 }]',
    'deployment.yaml': 'manifest_version: 7',
  });
  expect(manifests.tools.map(({ version }) => version)).toEqual(['1.5']);
  expect(manifests.providers.map(({ version }) => version)).toEqual(['2']);
  expect(manifests.deployment?.manifest_version).toBe('7');
  expect(warnings.filter((warning) => warning.includes('is a number'))).toHaveLength(3);
});

it('reads the rest as it is written', async () => {
  const { manifests } = await load({
    'evaluations.yaml': {
      suites: [
        {
          name: 's',
          tags: ['fast'],
          cases: [
            { id: 'c', input: null, assertions: [{ type: 'equals', expected: null }, { type: 'status' }] },
          ],
        },
      ],
    },
    'policy.yaml': {
      policies: [
        { name: 'p', default: 'deny', rules: [{ target: 'tool', target_id: '*', action: 'allow' }] },
      ],
    },
    'scheduler.yaml': { scheduler: { max_concurrency: 4, max_queue_size: 9, enabled: false } },
    'provider_credentials.yaml': {
      provider_credentials: [
        {
          id: 'key',
          provider: 'p',
          auth: { type: 'api_key', source: 'file', file_path: './k.json', file_key: 'a.b' },
          config: { base_url: 'x' },
        },
      ],
    },
    'providers.yaml': { providers: [{ id: 'p', type: 'llm', module: 'm:f', credential: 'key' }] },
    'artifacts.yaml': { backend: 'sqlite', db_path: 'a.db', retention: { max_items: 7 } },
    'deployment.yaml': {
      layout: 'docker',
      manifest_version: '2',
      bootstrap: ['a', 'b'],
      environment: 'test',
    },
    'cli_profiles.yaml': {
      profiles: [
        {
          id: 'editor',
          input_mappings: { default: { mode: 'raw', include_contents: true } },
          custom_commands: [{ name: 'create', entrypoint: 'm:f', aliases: ['c'] }],
          telemetry_overlays: { level: 'verbose', filters: ['node_failed'] },
        },
      ],
    },
  });
  expect(manifests).toMatchObject({
    suites: [
      {
        name: 's',
        tags: ['fast'],
        cases: [
          {
            id: 'c',
            input: null,
            enabled: true,
            start_node_id: null,
            assertions: [
              { type: 'equals', expected: null, field_path: '', custom_function: null, message: '' },
              { type: 'status', expected: undefined },
            ],
          },
        ],
      },
    ],
    policies: [{ name: 'p', enabled: true, default: 'deny', rules: [{ target_id: '*', reason: '' }] }],
    scheduler: { enabled: false, max_concurrency: 4, max_queue_size: 9 },
    credentials: [
      { id: 'key', auth: { source: 'file', file_path: './k.json', file_key: 'a.b', env_var: null } },
    ],
    providers: [{ id: 'p', factory: 'm:f', credential: 'key', enabled: true }],
    artifacts: { backend: 'sqlite', db_path: 'a.db', max_items: 7 },
    deployment: { layout: 'docker', manifest_version: '2', bootstrap: ['a', 'b'], environment: 'test' },
    cli_profiles: [
      {
        id: 'editor',
        input_mapping: { mode: 'raw', include_contents: true, attach_files_as_context: false },
        custom_commands: [{ name: 'create', aliases: ['c'], help: '' }],
        telemetry_overlays: { enabled: true, level: 'verbose', filters: ['node_failed'] },
      },
    ],
  });
});
