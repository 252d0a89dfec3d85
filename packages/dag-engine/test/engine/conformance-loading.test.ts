import { describe, expect, it } from 'vitest';
import { loadManifests } from '../../src/engine/manifests/load-manifests.ts';
import { edge, node, workflow, type FileContent } from './config-directory.ts';
import { problemsIn } from './load-errors.ts';
import { openEngine, runOnce, scriptedModel } from './open-engine.ts';

/** The conformance scenarios of the specification that are about loading, at the engine's front door. */

const S = node('S', 'start', { default_start: true });
const X = node('X', 'exit');
const START_EXIT = workflow([S, X], ['S>X']);

/** What fromConfigDir says: `class file @place`. */
async function refusals(files: Readonly<Record<string, FileContent>>): Promise<readonly string[]> {
  return (await problems(files)).map(
    ({ type, file, at }) => `${type} ${file}${at === null ? '' : ` @${at}`}`,
  );
}

async function problems(files: Readonly<Record<string, FileContent>>) {
  try {
    await using _ = await openEngine(files);
    return [];
  } catch (error) {
    return problemsIn(error);
  }
}

const inWorkflow = (nodes: readonly object[], edges: readonly string[]) => ({
  'workflow.yaml': workflow(nodes, edges),
});

it('1. minimal load', async () => {
  const files = { 'workflow.yaml': START_EXIT };
  await using opened = await openEngine(files);
  const { engine, directory } = opened;
  const { manifests } = await loadManifests(directory.path);
  expect(manifests.workflow.nodes.map(({ id }) => id)).toEqual(['S', 'X']);
  expect(manifests.agents.map(({ id }) => id)).toEqual(['writer']);
  const permissions = { allow_network: false, allow_shell: false, filesystem_root: null };
  expect(manifests.tools).toMatchObject([{ tool_id: 'read_file', ...permissions }]);
  expect(manifests.schemas).toEqual({});
  expect(manifests.memory.context_profiles.map(({ id }) => id)).toEqual(['global_default']);
  for (const name of ['task', 'project', 'global'] as const) {
    expect(engine.getMemoryStore(name)).toMatchObject({ backend: 'in_memory', persistent: false });
  }
  expect(engine.getMetadata().adapter_metadata.map(({ adapter_id }) => adapter_id)).toEqual([
    'scripted/model-1',
    'read_file',
  ]);
  expect(engine.manifestWarnings).toEqual([]);
  expect((await engine.run('x')).node_sequence).toEqual(['S', 'X']);
});

describe('2. missing required manifest', () => {
  it.for(['workflow.yaml', 'agents.yaml', 'tools.yaml'])('%s', async (name) => {
    expect(await refusals({ [name]: null })).toEqual([`ManifestLoadError ${name}`]);
    expect(await refusals({ [name]: 'a: [' })).toEqual([`ManifestLoadError ${name}`]);
  });
});

it('3. bad node data', async () => {
  const { context: _context, ...without } = node('main', 'linear');
  const edges = ['S>main', 'main>X'];
  const at = ['SchemaValidationError workflow.yaml @nodes[1]'];
  expect(await refusals(inWorkflow([S, without, X], edges))).toEqual(at);
  expect(await refusals(inWorkflow([S, node('main', 'router'), X], edges))).toEqual(at);
});

it('4. cycle', async () => {
  const nodes = [S, node('a', 'linear'), node('b', 'linear'), X];
  const [first] = await problems(inWorkflow(nodes, ['S>a', 'a>b', 'b>a', 'b>X']));
  expect(first).toMatchObject({ type: 'DAGValidationError', message: expect.stringMatching(/cycle/i) });
});

describe('5. default start rules', () => {
  const flag = { default_start: true };
  it.for<[string, readonly object[], readonly string[]]>([
    ['none', [node('S', 'start'), X], ['S>X']],
    ['two', [S, node('T', 'start', flag), X], ['S>X', 'T>X']],
    ['on a LINEAR', [S, node('l', 'linear', flag), X], ['S>l', 'l>X']],
  ])('%s', async ([, nodes, edges]) => {
    const found = await problems(inWorkflow(nodes, edges));
    expect(new Set(found.map(({ type }) => type))).toEqual(new Set(['DAGValidationError']));
    expect(found.some(({ message }) => /default/.test(message))).toBe(true);
  });
});

describe('6. edge counts', () => {
  const [L, K] = [node('l', 'linear'), node('k', 'linear')];
  it.for<[string, string, readonly object[], readonly string[]]>([
    ['decision with 1 out', 'd', [S, node('d', 'decision'), X], ['S>d', 'd>X']],
    ['merge with 1 in', 'm', [S, node('m', 'merge'), X], ['S>m', 'm>X']],
    ['branch with 1 out', 'b', [S, node('b', 'branch'), X], ['S>b', 'b>X']],
    ['linear with 2 out', 'l', [S, L, K, X], ['S>l', 'l>k', 'l>X', 'k>X']],
    ['start with 1 in', 'T', [S, node('T', 'start'), X], ['S>T', 'T>X']],
    ['exit with 1 out', 'Y', [S, node('Y', 'exit'), X], ['S>Y', 'Y>X']],
  ])('%s', async ([, id, nodes, edges]) => {
    const { role } = nodes.find((each) => 'id' in each && each.id === id) as { role: string };
    const found = await problems(inWorkflow(nodes, edges));
    const message = expect.stringMatching(new RegExp(role, 'i')) as string;
    expect(found).toContainEqual({ type: 'DAGValidationError', file: 'workflow.yaml', at: id, message });
  });
});

describe('7. kind constraints', () => {
  const agent = { kind: 'agent', agent_id: 'writer' };
  const [dag, schema] = ['DAGValidationError workflow.yaml', 'SchemaValidationError workflow.yaml'];
  const through = (main: object) => inWorkflow([S, main, X], ['S>l', 'l>X']);
  it.for<[string, Readonly<Record<string, FileContent>>, ...string[]]>([
    ['agent START', inWorkflow([{ ...S, ...agent }, X], ['S>X']), `${dag} @S`],
    ['agent EXIT', inWorkflow([S, { ...X, ...agent }], ['S>X']), `${schema} @nodes.X`, `${dag} @X`],
    ['agent node without agent_id', through(node('l', 'linear', { kind: 'agent' })), `${dag} @l`],
    ['EXIT listing tools', inWorkflow([S, { ...X, tools: ['read_file'] }], ['S>X']), `${schema} @nodes.X`],
    ['always_fail on LINEAR', through(node('l', 'linear', { always_fail: true })), `${schema} @nodes.l`],
  ])('%s', async ([, files, ...expected]) => {
    expect(await refusals(files)).toEqual(expected);
  });
});

it('8. unreachable node, several exits', async () => {
  const lost = inWorkflow([S, X, node('lost', 'linear')], ['S>X', 'lost>X']);
  expect(await refusals(lost)).toContain('DAGValidationError workflow.yaml @lost');
  expect((await problems(lost)).some(({ message }) => message.includes('no start leads here'))).toBe(true);
  const nodes = [S, node('d', 'decision'), node('exit1', 'exit'), node('exit2', 'exit')];
  const twoExits = inWorkflow(nodes, ['S>d', 'd>exit1', 'd>exit2']);
  const { result } = await runOnce(twoExits, 'exit2');
  expect(result.node_sequence).toEqual(['S', 'd', 'exit2']);
});

it('9. start selection', async () => {
  const nodes = [S, node('T', 'start'), node('l', 'linear'), X];
  await using opened = await openEngine(inWorkflow(nodes, ['S>l', 'T>X', 'l>X']));
  const { engine } = opened;
  expect(await engine.run('x')).toMatchObject({ start_node: 'S', node_sequence: ['S', 'l', 'X'] });
  expect(await engine.run('x', 'T')).toMatchObject({ start_node: 'T', node_sequence: ['T', 'X'] });
  const invalid = (message: string) => ({
    code: 'START_NODE_INVALID',
    message: expect.stringContaining(message) as string,
  });
  await expect(engine.run('x', 'nowhere')).rejects.toMatchObject(invalid('not found'));
  await expect(engine.run('x', 'l')).rejects.toMatchObject(invalid('linear'));
  expect(
    await refusals({ 'workflow.yaml': { nodes: [node('S', 'start'), X], edges: [edge('S>X')] } }),
  ).toEqual(['DAGValidationError workflow.yaml']);
});

it('25. a start alone gets the exit it leads to', async () => {
  const { result } = await runOnce(inWorkflow([S], []), 'ping');
  expect(result).toMatchObject({ status: 'success', node_sequence: ['S', 'exit'], output: 'ping' });
});

/** What the integration tests of earlier engines wrote: other names, tools that nothing implements. */
it('runs a directory in its older spelling, tools echoing where they are let', async () => {
  const stage = (stage_id: string, role: string, more: object = {}) => ({
    stage_id,
    name: stage_id,
    kind: 'deterministic',
    role,
    context: 'global',
    ...more,
  });
  const way = (from_node_id: string, to_node_id: string, condition?: string) => ({
    from_node_id,
    to_node_id,
    ...(condition === undefined ? {} : { condition }),
  });
  const files = {
    'workflow.yaml': {
      nodes: [
        stage('start', 'start', { default_start: true }),
        stage('decide', 'decision'),
        stage('left', 'linear', { kind: 'agent', agent_id: 'writer', tools: ['probe'] }),
        stage('right', 'linear'),
        stage('merge', 'merge'),
        stage('exit', 'exit'),
      ],
      edges: [
        way('start', 'decide'),
        way('decide', 'left', 'go left'),
        way('decide', 'right', 'go right'),
        way('left', 'merge'),
        way('right', 'merge'),
        way('merge', 'exit'),
      ],
    },
    'tools.yaml': {
      tools: [
        {
          id: 'probe',
          type: 'deterministic',
          entrypoint: 'test:probe',
          permissions: { allow_network: false, allow_shell: false, root: false },
        },
      ],
    },
    'memory.yaml': {
      memory: { task_store: { type: 'in_memory' }, project_store: { type: 'jsonl' } },
    },
  };
  expect(await refusals(files)).toEqual(['SchemaValidationError tools.yaml @tools[0].entrypoint']);
  const llmFactory = scriptedModel(() => ({
    main_result: {},
    tool_plan: { steps: [{ tool_id: 'probe', inputs: { n: 1 } }] },
  }));
  const { result } = await runOnce(files, { condition: 'go left' }, { allowEchoTools: true, llmFactory });
  expect(result).toMatchObject({
    status: 'success',
    node_sequence: ['start', 'decide', 'left', 'merge', 'exit'],
  });
  const [call] = result.history.flatMap(({ tool_calls }) => tool_calls);
  expect(call?.output).toEqual({ tool: 'probe', echo: { n: 1 } });
});
