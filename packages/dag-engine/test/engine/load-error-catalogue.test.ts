import { describe, expect, it } from 'vitest';
import { AggregateManifestError } from '../../src/engine/errors.ts';
import { loadManifests } from '../../src/engine/manifests/load-manifests.ts';
import {
  createConfigDirectory,
  LINEAR_WORKFLOW,
  MINIMAL_FILES,
  node,
  workflow,
  type FileContent,
} from './config-directory.ts';
import { problemsOf } from './load-errors.ts';

type Row = readonly [
  trigger: string,
  files: Readonly<Record<string, FileContent>>,
  ...expected: readonly string[],
];

/** Expects exactly these errors, written `class file @place`. */
const rows = (title: string, table: readonly Row[]) =>
  describe(title, () => {
    it.for(table)('%s', async ([, files, ...expected]) => {
      const problems = await problemsOf(files);
      const places = problems.map(({ type, file, at }) => `${type} ${file}${at === null ? '' : ` @${at}`}`);
      expect(places, problems.map(({ message }) => message).join('\n')).toEqual(expected);
    });
  });

const inWorkflow = (nodes: readonly object[], edges: readonly string[]) => ({
  'workflow.yaml': workflow(nodes, edges),
});
const START = node('start', 'start', { default_start: true });
const EXIT = node('exit', 'exit');
/** `start → main → exit` with another main. */
const withMain = (more: object) =>
  inWorkflow([START, { ...node('main', 'linear'), ...more }, EXIT], ['start>main', 'main>exit']);
const withTool = (more: object) => ({
  'tools.yaml': { tools: [{ ...MINIMAL_FILES['tools.yaml'].tools[0], ...more }] },
});
const withProfile = (more: object) => ({
  'memory.yaml': {
    memory: {
      context_profiles: [
        { id: 'p', max_tokens: 10, retrieval_policy: 'recency', sources: [{ store: 'task' }], ...more },
      ],
    },
  },
});
const withRule = (more: object) => ({
  'policy.yaml': {
    policies: [{ name: 'p', rules: [{ target: 'tool', target_id: 'read_file', action: 'deny', ...more }] }],
  },
});
const withCredential = (credential: object) => ({
  'provider_credentials.yaml': { provider_credentials: [credential] },
});
const DIAMOND = [
  START,
  node('d', 'decision'),
  node('a', 'linear'),
  node('b', 'linear'),
  node('m', 'merge'),
  EXIT,
];
/** Both arms of a branch decide between the same two merges: neither is nearer. */
const CROSSING = [
  START,
  node('b', 'branch'),
  node('p', 'decision'),
  node('q', 'decision'),
  ...['m1', 'm2', 'm3'].map((id) => node(id, 'merge')),
  EXIT,
];
const CROSSED = ['start>b', 'b>p', 'b>q', 'p>m1', 'p>m2', 'q>m1', 'q>m2', 'm1>m3', 'm2>m3', 'm3>exit'];
const withJoin = (join: string) => CROSSING.map((each) => (each.id === 'b' ? { ...each, join } : each));
const LOAD = 'ManifestLoadError';
const SCHEMA = 'SchemaValidationError';
const DAG = 'DAGValidationError workflow.yaml';

const REQUIRED = ['workflow.yaml', 'agents.yaml', 'tools.yaml'];
rows(
  'required files',
  REQUIRED.flatMap((file): Row[] => [
    [`${file} missing`, { [file]: null }, `${LOAD} ${file}`],
    [`${file} empty`, { [file]: '' }, `${LOAD} ${file}`],
    [`${file} with comments only`, { [file]: '# nothing\n' }, `${LOAD} ${file}`],
    [`${file} no YAML`, { [file]: 'a: [1\nb: 2' }, `${LOAD} ${file}`],
    [`${file} a list`, { [file]: '- 1\n' }, `${LOAD} ${file}`],
  ]),
);

rows('workflow.yaml, entries', [
  ['node without id', withMain({ id: undefined }), `${SCHEMA} workflow.yaml @nodes[1]`],
  ['node without kind', withMain({ kind: undefined }), `${SCHEMA} workflow.yaml @nodes[1]`],
  ['node without role', withMain({ role: undefined }), `${SCHEMA} workflow.yaml @nodes[1]`],
  ['node without context', withMain({ context: undefined }), `${SCHEMA} workflow.yaml @nodes[1]`],
  ['unknown kind', withMain({ kind: 'human' }), `${SCHEMA} workflow.yaml @nodes[1]`],
  ['unknown role', withMain({ role: 'router' }), `${SCHEMA} workflow.yaml @nodes[1]`],
  ['wrong type', withMain({ tools: 'read_file' }), `${SCHEMA} workflow.yaml @nodes[1]`],
  ['blank id', withMain({ id: '  ' }), `${SCHEMA} workflow.yaml @nodes[1]`],
  [
    'a node that is text',
    { 'workflow.yaml': { ...LINEAR_WORKFLOW, nodes: ['x'] } },
    `${SCHEMA} workflow.yaml @nodes[0]`,
  ],
  ['no nodes key', { 'workflow.yaml': { edges: [] } }, `${SCHEMA} workflow.yaml @nodes`, DAG],
  ['edge without from', inWorkflow([START, EXIT], ['>exit']), `${SCHEMA} workflow.yaml @edges[0]`],
  ['edge without to', inWorkflow([START, EXIT], ['start>']), `${SCHEMA} workflow.yaml @edges[0]`],
  [
    'the same edge twice',
    inWorkflow(DIAMOND, ['start>d', 'd>a:x', 'd>b:y', 'a>m', 'b>m', 'a>m', 'm>exit']),
    `${SCHEMA} workflow.yaml @edges[5]`,
    `${DAG} @a`,
  ],
  ['blank context', withMain({ context: ' ' }), `${SCHEMA} workflow.yaml @nodes[1]`],
  ['a flag that is text', withMain({ always_fail: 'no' }), `${SCHEMA} workflow.yaml @nodes[1]`],
  ['metadata no mapping', withMain({ metadata: [] }), `${SCHEMA} workflow.yaml @nodes[1]`],
  ['merge no mapping', withMain({ merge: 'list' }), `${SCHEMA} workflow.yaml @nodes.main`],
  [
    'a node without its place: edges are not judged',
    inWorkflow([START, { kind: 'deterministic', role: 'linear', context: 'none' }, EXIT], ['start>gone']),
    `${SCHEMA} workflow.yaml @nodes[1]`,
  ],
  ['nodes no list', { 'workflow.yaml': { ...LINEAR_WORKFLOW, nodes: {} } }, `${SCHEMA} workflow.yaml @nodes`],
  ['edges no list', { 'workflow.yaml': { ...LINEAR_WORKFLOW, edges: {} } }, `${SCHEMA} workflow.yaml @edges`],
  [
    'contradiction',
    withMain({ continue_on_failure: true, fail_on_failure: true }),
    `${SCHEMA} workflow.yaml @nodes[1]`,
  ],
]);

rows('workflow.yaml, roles and references', [
  [
    'exit with tools',
    inWorkflow([START, { ...EXIT, tools: ['read_file'] }], ['start>exit']),
    `${SCHEMA} workflow.yaml @nodes.exit`,
  ],
  [
    'exit of kind agent',
    inWorkflow([START, { ...EXIT, kind: 'agent', agent_id: 'writer' }], ['start>exit']),
    `${SCHEMA} workflow.yaml @nodes.exit`,
    `${DAG} @exit`,
  ],
  ['always_fail off an exit', withMain({ always_fail: true }), `${SCHEMA} workflow.yaml @nodes.main`],
  ['join on a linear', withMain({ join: 'exit' }), `${SCHEMA} workflow.yaml @nodes.main`],
  [
    'duplicate id',
    inWorkflow([START, node('main', 'linear'), node('main', 'linear'), EXIT], ['start>main', 'main>exit']),
    `${SCHEMA} workflow.yaml @nodes.main`,
  ],
  ['unknown agent', withMain({ kind: 'agent', agent_id: 'ghost' }), `${SCHEMA} workflow.yaml @nodes.main`],
  ['unknown tool', withMain({ tools: ['ghost'] }), `${SCHEMA} workflow.yaml @nodes.main`],
  ['unknown profile', withMain({ context: 'ghost' }), `${SCHEMA} workflow.yaml @nodes.main`],
  ['unknown schema', withMain({ schema_in: 'ghost' }), `${SCHEMA} workflow.yaml @nodes.main`],
  [
    'unusable inline schema',
    withMain({ schema_out: { type: 'ghost' } }),
    `${SCHEMA} workflow.yaml @nodes.main`,
  ],
  ['unknown failure mode', withMain({ merge_failure_mode: 'ghost' }), `${SCHEMA} workflow.yaml @nodes.main`],
  [
    'unknown merge strategy',
    withMain({ merge: { strategy: 'ghost' } }),
    `${SCHEMA} workflow.yaml @nodes.main`,
  ],
]);

rows('workflow.yaml, the DAG', [
  ['no nodes', { 'workflow.yaml': { nodes: [], edges: [] } }, DAG],
  [
    'cycle',
    inWorkflow(
      [START, node('a', 'merge'), node('b', 'decision'), EXIT],
      ['start>a', 'a>b', 'b>a:again', 'b>exit:done'],
    ),
    `${DAG} @a`,
  ],
  [
    'an edge to itself',
    inWorkflow([START, node('a', 'merge'), EXIT], ['start>a', 'a>a', 'a>exit']),
    `${DAG} @a`,
    `${DAG} @a`,
  ],
  [
    'unknown edge end',
    inWorkflow([START, node('main', 'linear'), EXIT], ['start>main', 'main>ghost']),
    `${DAG} @ghost`,
    `${DAG} @exit`,
  ],
  [
    'start with an incoming edge',
    inWorkflow([START, node('s2', 'start'), EXIT], ['start>s2', 's2>exit']),
    `${DAG} @s2`,
  ],
  [
    'linear with two ways out',
    inWorkflow([START, node('a', 'linear'), EXIT, node('x2', 'exit')], ['start>a', 'a>exit', 'a>x2']),
    `${DAG} @a`,
  ],
  [
    'decision with one way out',
    inWorkflow([START, node('d', 'decision'), EXIT], ['start>d', 'd>exit']),
    `${DAG} @d`,
  ],
  [
    'branch with one way out',
    inWorkflow([START, node('b', 'branch'), EXIT], ['start>b', 'b>exit']),
    `${DAG} @b`,
  ],
  [
    'merge with one way in',
    inWorkflow([START, node('m', 'merge'), EXIT], ['start>m', 'm>exit']),
    `${DAG} @m`,
  ],
  ['exit with a way out', inWorkflow([START, node('x', 'exit'), EXIT], ['start>x', 'x>exit']), `${DAG} @x`],
  ['no default start', inWorkflow([node('start', 'start'), EXIT], ['start>exit']), DAG],
  [
    'two default starts',
    inWorkflow([START, { ...START, id: 's2' }, EXIT], ['start>exit', 's2>exit']),
    `${DAG} @s2`,
  ],
  ['default_start on a linear', withMain({ default_start: true }), `${DAG} @main`],
  [
    'agent start',
    inWorkflow([{ ...START, kind: 'agent', agent_id: 'writer' }, EXIT], ['start>exit']),
    `${DAG} @start`,
  ],
  ['no exit', inWorkflow([START, node('a', 'linear')], ['start>a']), DAG, `${DAG} @a`],
  ['no start', inWorkflow([node('a', 'linear'), EXIT], ['a>exit']), DAG, `${DAG} @a`],
  [
    'unreachable',
    inWorkflow([START, EXIT, node('island', 'linear'), node('x2', 'exit')], ['start>exit', 'island>x2']),
    `${DAG} @island`,
    `${DAG} @island`,
    `${DAG} @x2`,
  ],
  [
    'no path to an exit',
    inWorkflow([START, node('d', 'decision'), EXIT, node('end', 'linear')], ['start>d', 'd>exit', 'd>end']),
    `${DAG} @end`,
    `${DAG} @end`,
  ],
  ['agent without agent_id', withMain({ kind: 'agent' }), `${DAG} @main`],
  [
    'duplicate decision label',
    inWorkflow(DIAMOND, ['start>d', 'd>a:x', 'd>b:x', 'a>m', 'b>m', 'm>exit']),
    `${DAG} @d`,
  ],
  [
    'a label that is the target of another edge',
    inWorkflow(DIAMOND, ['start>d', 'd>a:b', 'd>b', 'a>m', 'b>m', 'm>exit']),
    `${DAG} @d`,
  ],
]);

/** How many edges in and out each role may have, as the specification's table has it. */
const LEGAL: Readonly<Record<string, readonly [in_: (n: number) => boolean, out: (n: number) => boolean]>> = {
  start: [(n) => n === 0, (n) => n === 1],
  linear: [(n) => n === 1, (n) => n === 1],
  decision: [(n) => n === 1, (n) => n >= 2],
  branch: [(n) => n === 1, (n) => n >= 2],
  split: [(n) => n === 1, (n) => n >= 1],
  merge: [(n) => n >= 2, (n) => n === 1],
  exit: [(n) => n >= 1, (n) => n === 0],
};

it.for(Object.entries(LEGAL))('counts the edges of a %s', async ([role, [legalIn, legalOut]]) => {
  for (const [into, out] of [0, 1, 2, 3].flatMap((i) => [0, 1, 2, 3].map((o) => [i, o] as const))) {
    const ends = (count: number) => Array.from({ length: count }, (_, index) => index);
    const files = inWorkflow(
      [START, node('x', role), EXIT, ...ends(into).map((i) => node(`in${i}`, 'linear'))],
      [...ends(into).map((i) => `in${i}>x:${i}`), ...ends(out).map((o) => `x>exit:${o}`)],
    );
    const said = (await problemsOf(files)).filter(
      ({ at, type }) => at === 'x' && type === 'DAGValidationError',
    );
    const counts = said.map(({ message }) => /(incoming|outgoing) edges?, not \d+$/.exec(message)?.[1]);
    const expected = [...(legalIn(into) ? [] : ['incoming']), ...(legalOut(out) ? [] : ['outgoing'])];
    expect(
      counts.filter((count) => count !== undefined),
      `${into} in, ${out} out`,
    ).toEqual(expected);
  }
});

rows('workflow.yaml, starts, exits and joins', [
  [
    'two starts, each with an exit, load',
    inWorkflow([START, EXIT, node('s2', 'start'), node('x2', 'exit')], ['start>exit', 's2>x2']),
  ],
  ['a start alone loads, with an exit made for it', inWorkflow([START], [])],
  [
    'a second start that reaches no exit',
    inWorkflow([START, EXIT, node('s2', 'start'), node('a', 'linear')], ['start>exit', 's2>a']),
    `${DAG} @a`,
    `${DAG} @s2`,
    `${DAG} @a`,
  ],
  [
    'a cycle beside the way to the exit',
    inWorkflow([START, EXIT, node('a', 'linear'), node('b', 'linear')], ['start>exit', 'a>b', 'b>a']),
    `${DAG} @a`,
  ],
  ['an ambiguous join', inWorkflow(CROSSING, CROSSED), `${DAG} @b`],
  ['an ambiguous join that is named loads', inWorkflow(withJoin('m1'), CROSSED)],
  ['a join that is no merge', inWorkflow(withJoin('p'), CROSSED), `${DAG} @b`],
  ['a join that does not exist', inWorkflow(withJoin('ghost'), CROSSED), `${DAG} @b`],
  ['a join that is not the nearest', inWorkflow(withJoin('m3'), CROSSED), `${DAG} @b`],
]);

rows('agents.yaml and tools.yaml', [
  [
    'agent without id',
    { 'agents.yaml': { agents: [{ kind: 'agent', llm: 'p/m' }] } },
    `${SCHEMA} agents.yaml @agents[0]`,
  ],
  [
    'agent without kind',
    { 'agents.yaml': { agents: [{ id: 'a', llm: 'p/m' }] } },
    `${SCHEMA} agents.yaml @agents[0]`,
  ],
  [
    'agent without llm',
    { 'agents.yaml': { agents: [{ id: 'a', kind: 'agent' }] } },
    `${SCHEMA} agents.yaml @agents[0]`,
  ],
  [
    'agent of another kind',
    { 'agents.yaml': { agents: [{ id: 'a', kind: 'human', llm: 'm' }] } },
    `${SCHEMA} agents.yaml @agents[0].kind`,
  ],
  [
    'llm without a model',
    { 'agents.yaml': { agents: [{ id: 'a', kind: 'agent', llm: 'p/' }] } },
    `${SCHEMA} agents.yaml @agents[0]`,
  ],
  [
    'agent config no mapping',
    { 'agents.yaml': { agents: [{ id: 'a', kind: 'agent', llm: 'm', config: 1 }] } },
    `${SCHEMA} agents.yaml @agents[0]`,
  ],
  [
    'agent with an unknown credential',
    { 'agents.yaml': { agents: [{ id: 'a', kind: 'agent', llm: 'p/m', config: { credential: 'ghost' } }] } },
    `${SCHEMA} agents.yaml @agents[0]`,
  ],
  [
    'what an agent gives its nodes does not exist',
    {
      'agents.yaml': {
        agents: [
          { id: 'a', kind: 'agent', llm: 'm', context: 'ghost', tools: ['ghost'], schema_out: 'ghost' },
        ],
      },
      ...inWorkflow(
        [START, { id: 'main', kind: 'agent', role: 'linear', agent_id: 'a' }, EXIT],
        ['start>main', 'main>exit'],
      ),
    },
    ...Array<string>(3).fill(`${SCHEMA} workflow.yaml @nodes.main`),
  ],
  ['no agents key', { 'agents.yaml': { agent: [] } }, `${SCHEMA} agents.yaml @agents`],
  [
    'agent twice',
    { 'agents.yaml': { agents: [1, 2].map(() => ({ id: 'a', kind: 'agent', llm: 'm' })) } },
    `${SCHEMA} agents.yaml @agents[1]`,
  ],
  ['no tools key', { 'tools.yaml': { tool: [] } }, `${SCHEMA} tools.yaml @tools`],
  [
    'tool twice',
    { 'tools.yaml': { tools: [1, 2].map(() => MINIMAL_FILES['tools.yaml'].tools[0]) } },
    `${SCHEMA} tools.yaml @tools[1]`,
  ],
  ['unknown risk', withTool({ risk_level: 'extreme' }), `${SCHEMA} tools.yaml @tools[0]`],
  ['unusable inline schema', withTool({ schema_in: { type: 'ghost' } }), `${SCHEMA} tools.yaml @tools[0]`],
  ['enabled as text', withTool({ enabled: 'no' }), `${SCHEMA} tools.yaml @tools[0]`],
  ['tool without id', withTool({ id: undefined }), `${SCHEMA} tools.yaml @tools[0]`],
  ['tool without type', withTool({ type: undefined }), `${SCHEMA} tools.yaml @tools[0]`],
  ['tool without entrypoint', withTool({ entrypoint: undefined }), `${SCHEMA} tools.yaml @tools[0]`],
  [
    'entrypoint without function',
    withTool({ entrypoint: 'module' }),
    `${SCHEMA} tools.yaml @tools[0].entrypoint`,
  ],
  [
    'permission of a wrong type',
    withTool({ permissions: { allow_shell: 'yes' } }),
    `${SCHEMA} tools.yaml @tools[0].permissions`,
  ],
  ['permissions no mapping', withTool({ permissions: true }), `${SCHEMA} tools.yaml @tools[0].permissions`],
  [
    'flat permission of a wrong type',
    withTool({ permissions: undefined, root: 7 }),
    `${SCHEMA} tools.yaml @tools[0].permissions`,
  ],
  [
    'root outside the workspace',
    withTool({ permissions: { root: '../..' } }),
    `${SCHEMA} tools.yaml @tools[0].permissions`,
  ],
  [
    'absolute root outside the workspace',
    withTool({ permissions: { root: '/etc' } }),
    `${SCHEMA} tools.yaml @tools[0].permissions`,
  ],
  ['unknown capability', withTool({ capabilities: ['flying'] }), `${SCHEMA} tools.yaml @tools[0]`],
  ['unknown schema', withTool({ inputs_schema_id: 'ghost' }), `${SCHEMA} tools.yaml @tools[0]`],
  ['timeout of nothing', withTool({ timeout: 0 }), `${SCHEMA} tools.yaml @tools[0]`],
]);

rows('memory.yaml', [
  [
    'unknown backend',
    { 'memory.yaml': { memory: { task_store: { type: 'redis' } } } },
    `${SCHEMA} memory.yaml @memory.task_store`,
  ],
  [
    'bad retention',
    { 'memory.yaml': { memory: { project_store: { retention: { max_items: 0 } } } } },
    `${SCHEMA} memory.yaml @memory.project_store`,
  ],
  [
    'bad flat retention',
    { 'memory.yaml': { memory: { global_store: { max_items: 1.5 } } } },
    `${SCHEMA} memory.yaml @memory.global_store`,
  ],
  [
    'store no mapping',
    { 'memory.yaml': { memory: { task_store: 'sqlite' } } },
    `${SCHEMA} memory.yaml @memory.task_store`,
  ],
  ['profile without id', withProfile({ id: undefined }), `${SCHEMA} memory.yaml @memory.context_profiles[0]`],
  [
    'profile without policy',
    withProfile({ retrieval_policy: undefined }),
    `${SCHEMA} memory.yaml @memory.context_profiles[0]`,
  ],
  [
    'unknown policy',
    withProfile({ retrieval_policy: 'chronological' }),
    `${SCHEMA} memory.yaml @memory.context_profiles[0]`,
  ],
  [
    'policy without a retriever',
    withProfile({ retrieval_policy: 'semantic' }),
    `${SCHEMA} memory.yaml @memory.context_profiles[0]`,
  ],
  [
    'unknown store',
    withProfile({ sources: [{ store: 'disk' }] }),
    `${SCHEMA} memory.yaml @memory.context_profiles[0]`,
  ],
  [
    'profile twice',
    {
      'memory.yaml': {
        context_profiles: [1, 2].map(() => ({
          id: 'p',
          max_tokens: 1,
          retrieval_policy: 'recency',
          sources: [],
        })),
      },
    },
    `${SCHEMA} memory.yaml @memory.context_profiles[1]`,
  ],
  [
    'tags no list',
    withProfile({ sources: [{ store: 'task', tags: 'a' }] }),
    `${SCHEMA} memory.yaml @memory.context_profiles[0]`,
  ],
  [
    'negative head and tail',
    { 'memory.yaml': { context_policy: { head_tail_preserve: -1 } } },
    `${SCHEMA} memory.yaml @memory`,
  ],
  ['no sources', withProfile({ sources: undefined }), `${SCHEMA} memory.yaml @memory.context_profiles[0]`],
  ['no tokens', withProfile({ max_tokens: 0 }), `${SCHEMA} memory.yaml @memory.context_profiles[0]`],
  [
    'profiles at the root',
    { 'memory.yaml': { context_profiles: [{}] } },
    ...Array<string>(4).fill(`${SCHEMA} memory.yaml @memory.context_profiles[0]`),
  ],
]);

rows('schemas/', [
  ['invalid JSON', { 'schemas/a.json': '{' }, `${LOAD} schemas/a.json`],
  ['invalid YAML', { 'schemas/a.yaml': 'a: [' }, `${LOAD} schemas/a.yaml`],
  ['no JSON Schema', { 'schemas/a.json': { type: 'ghost' } }, `${LOAD} schemas/a.json`],
  ['a list', { 'schemas/a.json': '[]' }, `${LOAD} schemas/a.json`],
  ['a reference into nothing', { 'schemas/a.json': { $ref: 'ghost' } }, `${LOAD} schemas/a.json`],
  [
    'a remote reference',
    { 'schemas/a.json': { items: { $ref: 'https://example.com/a.json' } } },
    `${LOAD} schemas/a.json`,
  ],
  ['one id twice', { 'schemas/a.json': {}, 'schemas/a.yaml': {} }, `${LOAD} schemas/a.yaml`],
  [
    'a broken file is told once, not at who uses it',
    { 'schemas/a.json': '{', ...withMain({ schema_in: 'a' }) },
    `${LOAD} schemas/a.json`,
  ],
]);

const suites = (assertion: object) => ({
  'evaluations.yaml': { suites: [{ name: 's', cases: [{ id: 'c', input: 1, assertions: [assertion] }] }] },
});
rows('optional files', [
  [
    'plugin without id',
    { 'plugins.yaml': { plugins: [{ module: 'a.B' }] } },
    `${SCHEMA} plugins.yaml @plugins[0]`,
  ],
  [
    'plugin without module',
    { 'plugins.yaml': { plugins: [{ id: 'p' }] } },
    `${SCHEMA} plugins.yaml @plugins[0]`,
  ],
  [
    'plugin without a class',
    { 'plugins.yaml': { plugins: [{ id: 'p', module: 'a' }] } },
    `${SCHEMA} plugins.yaml @plugins[0]`,
  ],
  [
    'plugin config no mapping',
    { 'plugins.yaml': { plugins: [{ id: 'p', module: 'a.B', config: 1 }] } },
    `${SCHEMA} plugins.yaml @plugins[0]`,
  ],
  [
    'plugin twice',
    { 'plugins.yaml': { plugins: [1, 2].map(() => ({ id: 'p', module: 'a.B' })) } },
    `${SCHEMA} plugins.yaml @plugins[1]`,
  ],
  [
    'plugin enabled by text',
    { 'plugins.yaml': { plugins: [{ id: 'p', module: 'a.B', enabled: 'yes' }] } },
    `${SCHEMA} plugins.yaml @plugins[0]`,
  ],
  [
    'suite twice',
    { 'evaluations.yaml': { suites: [1, 2].map(() => ({ name: 's' })) } },
    `${SCHEMA} evaluations.yaml @suites[1]`,
  ],
  [
    'case twice',
    { 'evaluations.yaml': { suites: [{ name: 's', cases: [1, 2].map((input) => ({ id: 'c', input })) }] } },
    `${SCHEMA} evaluations.yaml @suites[0].cases[1]`,
  ],
  [
    'metric without name',
    { 'metrics.yaml': { profiles: [{ name: 'p', metrics: [{ type: 'timer' }] }] } },
    `${SCHEMA} metrics.yaml @profiles[0].metrics[0]`,
  ],
  [
    'policy set twice',
    { 'policy.yaml': { policies: [1, 2].map(() => ({ name: 'p' })) } },
    `${SCHEMA} policy.yaml @policies[1]`,
  ],
  ['rule without action', withRule({ action: undefined }), `${SCHEMA} policy.yaml @policies[0].rules[0]`],
  ['rule with a bad target', withRule({ target: 'task' }), `${SCHEMA} policy.yaml @policies[0].rules[0]`],
  [
    'rule for an unknown tool',
    withRule({ target_id: 'ghost' }),
    `${SCHEMA} policy.yaml @policies[0].rules[0]`,
  ],
  [
    'rule for an unknown node',
    withRule({ target: 'node', target_id: 'read_file' }),
    `${SCHEMA} policy.yaml @policies[0].rules[0]`,
  ],
  [
    'rule for an unknown context',
    withRule({ target: 'context', target_id: 'ghost' }),
    `${SCHEMA} policy.yaml @policies[0].rules[0]`,
  ],
  ['rule for a tool', withRule({})],
  ['rule for a node', withRule({ target: 'node', target_id: 'main' })],
  ['rule for a store', withRule({ target: 'context', target_id: 'task' })],
  ['rule for a profile', withRule({ target: 'context', target_id: 'global_default' })],
  ['rule for everything', withRule({ target: 'node', target_id: '*' })],
  [
    'a broken tools.yaml is told once, not at the rules',
    { ...withRule({}), 'tools.yaml': '' },
    `${LOAD} tools.yaml`,
  ],
  [
    'scheduler enabled by text',
    { 'scheduler.yaml': { scheduler: { enabled: 'yes' } } },
    `${SCHEMA} scheduler.yaml @scheduler`,
  ],
  [
    'retention of no artifacts',
    { 'artifacts.yaml': { retention: { max_items: 0 } } },
    `${SCHEMA} artifacts.yaml @artifacts`,
  ],
  [
    'provider without id',
    { 'providers.yaml': { providers: [{ type: 'llm' }] } },
    `${SCHEMA} providers.yaml @providers[0]`,
  ],
  [
    'suite without name',
    { 'evaluations.yaml': { suites: [{ cases: [] }] } },
    `${SCHEMA} evaluations.yaml @suites[0]`,
  ],
  [
    'case without id',
    { 'evaluations.yaml': { suites: [{ name: 's', cases: [{ input: 1 }] }] } },
    `${SCHEMA} evaluations.yaml @suites[0].cases[0]`,
  ],
  [
    'case without input',
    { 'evaluations.yaml': { suites: [{ name: 's', cases: [{ id: 'c' }] }] } },
    `${SCHEMA} evaluations.yaml @suites[0].cases[0]`,
  ],
  [
    'assertion of an unknown type',
    suites({ type: 'ghost' }),
    `${SCHEMA} evaluations.yaml @suites[0].cases[0].assertions[0]`,
  ],
  [
    'custom assertion without function',
    suites({ type: 'custom' }),
    `${SCHEMA} evaluations.yaml @suites[0].cases[0].assertions[0]`,
  ],
  [
    'metric of an unknown type',
    { 'metrics.yaml': { profiles: [{ name: 'p', metrics: [{ name: 'm', type: 'ghost' }] }] } },
    `${SCHEMA} metrics.yaml @profiles[0].metrics[0]`,
  ],
  [
    'metrics profile without name',
    { 'metrics.yaml': { profiles: [{}] } },
    `${SCHEMA} metrics.yaml @profiles[0]`,
  ],
  [
    'policy set without name',
    { 'policy.yaml': { policies: [{ rules: [] }] } },
    `${SCHEMA} policy.yaml @policies[0]`,
  ],
  [
    'rule without target',
    { 'policy.yaml': { policies: [{ name: 'p', rules: [{ target_id: 'x', action: 'deny' }] }] } },
    `${SCHEMA} policy.yaml @policies[0].rules[0]`,
  ],
  [
    'rule without target_id',
    { 'policy.yaml': { policies: [{ name: 'p', rules: [{ target: 'tool', action: 'deny' }] }] } },
    `${SCHEMA} policy.yaml @policies[0].rules[0]`,
  ],
  [
    'rule with a bad action',
    {
      'policy.yaml': {
        policies: [{ name: 'p', rules: [{ target: 'tool', target_id: 'x', action: 'ask' }] }],
      },
    },
    `${SCHEMA} policy.yaml @policies[0].rules[0]`,
  ],
  [
    'concurrency 0',
    { 'scheduler.yaml': { scheduler: { max_concurrency: 0 } } },
    `${SCHEMA} scheduler.yaml @scheduler`,
  ],
  [
    'queue of 0',
    { 'scheduler.yaml': { scheduler: { max_queue_size: 0 } } },
    `${SCHEMA} scheduler.yaml @scheduler`,
  ],
  [
    'unknown queue policy',
    { 'scheduler.yaml': { scheduler: { queue_policy: 'lifo' } } },
    `${SCHEMA} scheduler.yaml @scheduler`,
  ],
  [
    'unknown artifact backend',
    { 'artifacts.yaml': { backend: 'ghost' } },
    `${SCHEMA} artifacts.yaml @artifacts`,
  ],
  [
    'provider of an unknown type',
    { 'providers.yaml': { providers: [{ id: 'p', type: 'ghost' }] } },
    `${SCHEMA} providers.yaml @providers[0]`,
  ],
  [
    'provider with an unknown credential',
    { 'providers.yaml': { providers: [{ id: 'p', type: 'llm', credential: 'ghost' }] } },
    `${SCHEMA} providers.yaml @providers[0]`,
  ],
  ['bootstrap no list', { 'deployment.yaml': { bootstrap: 'x' } }, `${SCHEMA} deployment.yaml @deployment`],
  ['an optional file that is a list', { 'metrics.yaml': '- 1' }, `${LOAD} metrics.yaml`],
]);

const KEY = { type: 'api_key', source: 'env', env_var: 'KEY' };
rows('provider_credentials.yaml', [
  ['a list', { 'provider_credentials.yaml': '- 1' }, `${LOAD} provider_credentials.yaml`],
  [
    'no list under the key',
    { 'provider_credentials.yaml': { provider_credentials: {} } },
    `${LOAD} provider_credentials.yaml @provider_credentials`,
  ],
  [
    'without auth',
    withCredential({ id: 'c', provider: 'p' }),
    `${LOAD} provider_credentials.yaml @provider_credentials[0]`,
  ],
  [
    'without id',
    withCredential({ provider: 'p', auth: KEY }),
    `${LOAD} provider_credentials.yaml @provider_credentials[0]`,
  ],
  [
    'without type',
    withCredential({ id: 'c', provider: 'p', auth: { ...KEY, type: undefined } }),
    `${LOAD} provider_credentials.yaml @provider_credentials[0]`,
  ],
  [
    'without source',
    withCredential({ id: 'c', provider: 'p', auth: { ...KEY, source: undefined } }),
    `${LOAD} provider_credentials.yaml @provider_credentials[0]`,
  ],
  [
    'another type',
    withCredential({ id: 'c', provider: 'p', auth: { ...KEY, type: 'oauth' } }),
    `${LOAD} provider_credentials.yaml @provider_credentials[0]`,
  ],
  [
    'without provider',
    withCredential({ id: 'c', auth: KEY }),
    `${LOAD} provider_credentials.yaml @provider_credentials[0]`,
  ],
  [
    'another source',
    withCredential({ id: 'c', provider: 'p', auth: { ...KEY, source: 'vault' } }),
    `${LOAD} provider_credentials.yaml @provider_credentials[0]`,
  ],
  [
    'twice',
    {
      'provider_credentials.yaml': {
        provider_credentials: [1, 2].map(() => ({ id: 'c', provider: 'p', auth: KEY })),
      },
    },
    `${LOAD} provider_credentials.yaml @provider_credentials[1]`,
  ],
  [
    'env without env_var',
    withCredential({ id: 'c', provider: 'p', auth: { type: 'api_key', source: 'env' } }),
    `${LOAD} provider_credentials.yaml @provider_credentials[0]`,
  ],
  [
    'file without file_path',
    withCredential({ id: 'c', provider: 'p', auth: { type: 'api_key', source: 'file' } }),
    `${LOAD} provider_credentials.yaml @provider_credentials[0]`,
  ],
]);

rows('cli_profiles.yaml', [
  ['bad YAML', { 'cli_profiles.yaml': 'a: [' }, 'CliError cli_profiles.yaml'],
  [
    'profile without id',
    { 'cli_profiles.yaml': { profiles: [{}] } },
    'CliError cli_profiles.yaml @profiles[0]',
  ],
  [
    'profile twice',
    { 'cli_profiles.yaml': { profiles: [{ id: 'p' }, { id: 'p' }] } },
    'CliError cli_profiles.yaml @profiles[1]',
  ],
  [
    'unknown level of telemetry',
    { 'cli_profiles.yaml': { profiles: [{ id: 'p', telemetry_overlays: { level: 'x' } }] } },
    'CliError cli_profiles.yaml @profiles[0]',
  ],
  [
    'command without entrypoint',
    { 'cli_profiles.yaml': { profiles: [{ id: 'p', custom_commands: [{ name: 'c' }] }] } },
    'CliError cli_profiles.yaml @profiles[0].custom_commands[0]',
  ],
  [
    'unknown mode',
    { 'cli_profiles.yaml': { profiles: [{ id: 'p', input_mappings: { default: { mode: 'x' } } }] } },
    'CliError cli_profiles.yaml @profiles[0]',
  ],
]);

rows('several at once', [
  [
    'every problem of every file, in the order of the files',
    {
      'workflow.yaml': workflow(
        [
          START,
          { id: 'broken', kind: 'human', context: 'none' },
          node('m', 'merge', { tools: ['ghost'] }),
          EXIT,
        ],
        ['start>m', 'm>ghost', 'm>exit'],
      ),
      'agents.yaml': null,
      'tools.yaml': 'x: [',
      'policy.yaml': { policies: [{}] },
      'schemas/a.json': '{',
    },
    `${SCHEMA} workflow.yaml @nodes[1]`,
    `${SCHEMA} workflow.yaml @nodes[1]`,
    `${LOAD} agents.yaml`,
    `${LOAD} tools.yaml`,
    `${SCHEMA} policy.yaml @policies[0]`,
    `${DAG} @ghost`,
    `${DAG} @m`,
    `${DAG} @m`,
    `${LOAD} schemas/a.json`,
  ],
]);

it('keeps the first of several errors as the cause and lists each with its file', async () => {
  await using directory = await createConfigDirectory({ 'agents.yaml': '', 'tools.yaml': null });
  const failure = await loadManifests(directory.path).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(AggregateManifestError);
  const { message, cause, errors } = failure as AggregateManifestError;
  expect(message).toBe(
    '2 problems:\n  Error loading agents.yaml: Empty file\n  Error loading tools.yaml: File not found',
  );
  expect(cause).toBe(errors[0]);
});

it.for([
  [{ 'workflow.yaml': null }, 'Error loading workflow.yaml: File not found'],
  [{ 'workflow.yaml': 'a: [' }, /^Error loading workflow\.yaml: Invalid YAML: .* \(line 1\)$/],
  [
    withMain({ role: 'router' }),
    'Schema validation error in workflow.yaml at nodes[1]: "role" must be one of start, linear, decision, branch, split, merge, exit, not "router"',
  ],
  [
    withMain({ tools: ['ghost'] }),
    'Schema validation error in workflow.yaml at nodes.main: unknown tool "ghost"',
  ],
  [withMain({ kind: 'agent' }), 'DAG validation error at node main: an agent node needs "agent_id"'],
  [{ 'workflow.yaml': { nodes: [] } }, 'DAG validation error: there are no nodes'],
  [
    withCredential({ id: 'c', provider: 'p', auth: 'sk-secret' }),
    'Error loading provider_credentials.yaml: Invalid credential at index 0: "auth" must be a mapping, not text',
  ],
] as const)('says %s in one sentence', async ([files, message]) => {
  const problems = await problemsOf(files);
  expect(problems).toHaveLength(1);
  expect(problems[0]?.message).toMatch(message);
});
