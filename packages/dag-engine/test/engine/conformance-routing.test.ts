import { describe, expect, it } from 'vitest';
import type { DeterministicOp, JsonObject, JsonValue } from '../../src/engine.ts';
import { selectEdge } from '../../src/engine/routing/select-edge.ts';
import { TaskStore } from '../../src/engine/tasks/task-store.ts';
import { edge, node, workflow } from './config-directory.ts';
import { failing, fixedClock, giving, numberedIds, openEngine, runOnce, traceLines } from './open-engine.ts';

/** The conformance scenarios of the specification that are about routing, at the engine's front door. */

type Ops = Readonly<Record<string, DeterministicOp>>;

const S = node('S', 'start', { default_start: true });
const X = node('X', 'exit');
const L = (...ids: readonly string[]) => ids.map((id) => node(id, 'linear'));

/** Runs a workflow on its own; `root` is the task as the engine knows it afterwards. */
async function run(
  [nodes, edges]: readonly [readonly object[], readonly string[]],
  { ops = {}, input = 'request' }: { readonly ops?: Ops; readonly input?: JsonValue } = {},
) {
  const files = { 'workflow.yaml': workflow(nodes, edges) };
  await using opened = await openEngine(files, { deterministicOps: ops });
  const { engine } = opened;
  const result = await engine.run(input);
  const tasks = engine.getAllTaskIds().map((id) => engine.getTask(id)!);
  return { result, tasks, root: tasks[0]!, lines: traceLines(result), events: engine.getEvents() };
}

it('10. the worklist is first in, first out', async () => {
  const arms = ['a', 'b', 'c'];
  const nodes = [S, node('br', 'branch'), ...arms.flatMap((arm) => L(`${arm}1`, `${arm}2`)), X];
  const edges = ['S>br', ...arms.flatMap((arm) => [`br>${arm}1`, `${arm}1>${arm}2`, `${arm}2>X`])];
  const { result } = await run([nodes, edges]);
  expect(result.node_sequence).toEqual(['S', 'br', 'a1', 'b1', 'c1', 'a2', 'b2', 'c2', 'X', 'X', 'X']);
});

const decision = [
  [S, node('d', 'decision'), ...L('a', 'b'), node('m', 'merge'), X],
  ['S>d', 'd>a:A', 'd>b:B', 'a>m', 'b>m', 'm>X'],
] as const;

describe('11. decision extraction', () => {
  const edges = ['p', '42', 'true'].map((label) => ({ ...edge(`d>to-${label}:${label}`), edge_id: null }));
  const labelled = edges.map(({ label, ...rest }) => ({ ...rest, label: label ?? null }));
  it.each<[JsonValue, string]>([
    [{ selected_edge: 'p', condition: '42' }, 'p'],
    [{ condition: 'p', route: '42' }, 'p'],
    [{ route: 'p', next: '42' }, 'p'],
    [{ next: 'p' }, 'p'],
    [{ selected_edge: null, condition: null, route: 'p' }, 'p'],
    ['p', 'p'],
    [42, '42'],
    [true, 'true'],
  ])('%j selects %s', (output, label) => {
    expect(selectEdge(labelled, output)).toMatchObject({ kind: 'selected', label });
  });
  it.each<[JsonValue, string]>([
    [null, 'null'],
    [{ unknown: 1 }, 'cannot extract'],
    [['p'], 'cannot extract'],
  ])('%j selects nothing', (output, reason) => {
    expect(selectEdge(labelled, output)).toMatchObject({
      kind: 'invalid',
      reason: expect.stringContaining(reason) as string,
    });
  });
  it('and the merge behind it runs once, with one input', async () => {
    const { result, events } = await run(decision, { ops: { d: giving({ selected_edge: 'B' }) } });
    expect(result).toMatchObject({ status: 'success', node_sequence: ['S', 'd', 'b', 'm', 'X'] });
    const [merge] = result.history.filter(({ node_id }) => node_id === 'm');
    expect((merge?.input as JsonObject)['merge_inputs']).toHaveLength(1);
    expect(events.filter(({ name }) => name === 'routing_merge')).toHaveLength(1);
  });
});

it('12. decision without match', async () => {
  const { result, lines } = await run(decision, { ops: { d: giving({ selected_edge: 'Z' }) } });
  expect(result.status).toBe('failure');
  expect(result.error).toMatchObject({ code: 'routing', stage_id: 'd' });
  expect(result.error?.message).toMatch(/Z.*A, B/);
  expect(lines).toEqual(['S', 'd!']);
  expect(result.history.at(-1)).toMatchObject({ node_id: 'd', node_status: 'failed', error: result.error });
});

it('13. branch creates clones', async () => {
  const nodes = [S, node('br', 'branch'), ...L('e1', 'e2', 'e3'), X];
  const edges = ['S>br', 'br>e1:x', 'br>e2:y', 'br>e3', 'e1>X', 'e2>X', 'e3>X'];
  const { root, tasks, lines } = await run([nodes, edges], { ops: { S: giving({ n: 1 }) } });
  const ids = [0, 1, 2].map((index) => `${root.task_id}-clone-${index}`);
  expect(root.child_task_ids).toEqual(ids);
  const clones = tasks.slice(1);
  expect(clones.map((clone) => clone.parent_task_id)).toEqual(ids.map(() => root.task_id));
  expect(clones.map((clone) => clone.lineage_metadata)).toEqual(
    ['x', 'y', 'e3'].map((branch_label, clone_index) => ({
      branch_label,
      cloned_at_stage: 'br',
      clone_index,
    })),
  );
  expect(clones.map((clone) => clone.history[0]?.input)).toEqual([{ n: 1 }, { n: 1 }, { n: 1 }]);
  expect(lines.slice(2, 5)).toEqual(['e1(clone-0)', 'e2(clone-1)', 'e3(clone-2)']);
});

const split = [
  [S, node('sp', 'split'), ...L('left', 'right'), X],
  ['S>sp', 'sp>left:l', 'sp>right:r', 'left>X', 'right>X'],
] as const;

describe('14. split creates subtasks', () => {
  const inputs = [{ i: 1 }, 'i2', 3, null];
  it.each<[string, JsonValue]>([
    ['object', { subtask_inputs: inputs }],
    ['bare list', inputs],
  ])('round-robin over the edges (%s), each seeing its own input', async (_form, output) => {
    const { tasks, result } = await run(split, { ops: { sp: giving(output) } });
    const subtasks = tasks.slice(1);
    expect(subtasks.map((task) => task.history.map(({ node_id }) => node_id))).toEqual([
      ['left', 'X'],
      ['right', 'X'],
      ['left', 'X'],
      ['right', 'X'],
    ]);
    expect(subtasks.map((task) => task.lineage_metadata['subtask_input'])).toEqual(inputs);
    expect(subtasks.map((task) => task.history[0]?.input)).toEqual(inputs);
    expect(result.status).toBe('success');
  });
  it.each<[string, JsonValue, string]>([
    ['missing key', { other: 1 }, 'invalid_split_output'],
    ['text', { subtask_inputs: 'text' }, 'invalid_output_type'],
    ['wrong root', 'text', 'invalid_split_output'],
    ['nothing', [], 'empty_subtask_inputs'],
  ])('%s fails the node', async (_what, output, error_id) => {
    const { result, lines } = await run(split, { ops: { sp: giving(output) } });
    expect(lines).toEqual(['S', 'sp!']);
    expect(result).toMatchObject({ status: 'failure', error: { error_id, code: 'routing' } });
  });
});

describe('15. clone completion', () => {
  const three = [
    [S, node('br', 'branch'), ...L('a', 'b', 'c'), X],
    ['S>br', 'br>a', 'br>b', 'br>c', 'a>X', 'b>X', 'c>X'],
  ] as const;
  it.each<[string, readonly string[], string]>([
    ['one completed, others failed', ['b', 'c'], 'success'],
    ['all failed', ['a', 'b', 'c'], 'failure'],
  ])('%s', async (_what, broken, status) => {
    const ops = Object.fromEntries(broken.map((id) => [id, failing]));
    expect((await run(three, { ops })).result.status).toBe(status);
  });
  it('and what the task store says of it', () => {
    const { tasks, parent, children } = family('clone', 3);
    expect(tasks.checkCloneCompletion(parent.task_id)).toBe(false);
    for (const { task_id } of children) tasks.updateTaskStatus(task_id, 'failed');
    expect(tasks.checkCloneCompletion(parent.task_id)).toBe(false);
    tasks.updateTaskStatus(children[1]!.task_id, 'completed');
    expect(tasks.checkCloneCompletion(parent.task_id)).toBe(true);
    expect(parent.status).toBe('completed');
  });
});

describe('16. subtask completion', () => {
  it.each<[readonly string[], string]>([
    [[], 'success'],
    [['left'], 'partial'],
    [['left', 'right'], 'failure'],
  ])('with %j failing is %s', async (broken, status) => {
    const ops = { sp: giving([1, 2, 3]), ...Object.fromEntries(broken.map((id) => [id, failing])) };
    expect((await run(split, { ops })).result.status).toBe(status);
  });
  it('and what the task store says of it', () => {
    const { tasks, parent, children } = family('subtask', 3);
    const end = (...statuses: readonly ('completed' | 'failed')[]) =>
      statuses.forEach((status, index) => tasks.updateTaskStatus(children[index]!.task_id, status));
    end('completed', 'completed');
    expect(tasks.checkSubtaskCompletion(parent.task_id)).toBe(false);
    end('completed', 'completed', 'completed');
    expect(tasks.allSubtasksSucceeded(parent.task_id)).toBe(true);
    expect(tasks.checkSubtaskCompletion(parent.task_id)).toBe(true);
    expect(parent.status).toBe('completed');
    end('completed', 'failed', 'completed');
    expect(tasks.allSubtasksSucceeded(parent.task_id)).toBe(false);
    expect(tasks.checkSubtaskCompletion(parent.task_id)).toBe(true);
    expect(parent.status).toBe('partial');
  });
});

function family(type: 'clone' | 'subtask', size: number) {
  const tasks = new TaskStore({ clock: fixedClock, ids: numberedIds() });
  const parent = tasks.createRoot({ request: null });
  const children = Array.from({ length: size }, (_, index) =>
    type === 'clone'
      ? tasks.createClone(parent, { branchLabel: 'x', stageId: 'br', index })
      : tasks.createSubtask(parent, { edgeLabel: 'x', stageId: 'sp', index, input: index }),
  );
  return { tasks, parent, children };
}

it('17. continue_on_failure', async () => {
  const through = (more: object) =>
    [
      [S, node('l', 'linear', more), X],
      ['S>l', 'l>X'],
    ] as const;
  const ops = { l: failing };
  const goesOn = await run(through({ continue_on_failure: true }), { ops });
  expect(goesOn.result).toMatchObject({ status: 'partial', output: 'request', error: null });
  expect(goesOn.lines).toEqual(['S', 'l!', 'X']);
  const error = { error_id: 'deterministic_execution_failed', stage_id: 'l' };
  expect(goesOn.result.history[1]).toMatchObject({ node_status: 'failed', error });
  const stops = await run(through({}), { ops });
  expect(stops.result).toMatchObject({ status: 'failure', error });
  expect(stops.lines).toEqual(['S', 'l!']);
});

it('18. always_fail exit', async () => {
  const through = (always_fail: boolean, l: object = {}) =>
    [
      [S, node('l', 'linear', l), { ...X, always_fail }],
      ['S>l', 'l>X'],
    ] as const;
  const ops = { l: giving({ made: true }) };
  const fails = await run(through(true), { ops });
  expect(fails.result).toMatchObject({ status: 'failure', output: { made: true } });
  expect(fails.lines).toEqual(['S', 'l', 'X']);
  expect((await run(through(false), { ops })).result.status).toBe('success');
  const degraded = through(false, { continue_on_failure: true });
  expect((await run(degraded, { ops: { l: failing } })).result.status).toBe('partial');
});

describe('19. merge modes', () => {
  const merging = (merge: object) =>
    [
      [S, node('br', 'branch'), ...L('l1', 'l2'), node('m', 'merge', merge), X],
      ['S>br', 'br>l1', 'br>l2', 'l1>m', 'l2>m', 'm>X'],
    ] as const;
  it.each([
    [{}, 'failure', ['m!']],
    [{ merge_failure_mode: 'fail_on_any' }, 'failure', ['m!']],
    [{ merge_failure_mode: 'ignore_failures' }, 'success', ['m', 'X']],
    [{ merge_failure_mode: 'partial' }, 'partial', ['m', 'X']],
  ])('%j with one failed arm: %s', async (merge, status, end) => {
    const { result, lines } = await run(merging(merge), { ops: { l2: failing } });
    expect(result.status).toBe(status);
    expect(lines).toEqual(['S', 'br', 'l1(clone-0)', 'l2(clone-1)!', ...end]);
    const payload = result.history.find(({ node_id }) => node_id === 'm')?.input;
    expect(payload).toMatchObject({
      merge_inputs: [{ node_id: 'l1', node_status: 'completed' }],
      merge_failures: [{ node_id: 'l2', node_status: 'failed' }],
    });
  });
  it.each(['fail_on_any', 'ignore_failures', 'partial'])('%s with nothing but failures', async (mode) => {
    const { result } = await run(merging({ merge_failure_mode: mode }), {
      ops: { l1: failing, l2: failing },
    });
    expect(result).toMatchObject({ status: 'failure', error: { error_id: 'merge_no_inputs' } });
  });
  it.each<[string, JsonValue]>([
    ['list', ['request', 'request']],
    ['first', 'request'],
    ['object', { l1: 'request', l2: 'request' }],
    ['concat', 'requestrequest'],
  ])('the strategy %s makes the output', async (strategy, output) => {
    expect((await run(merging({ merge: { strategy } }))).result.output).toEqual(output);
  });
  it('identity is the default', async () => {
    const { result } = await run(merging({}));
    expect(result.output).toMatchObject({ merge_inputs: [{ output: 'request' }, { output: 'request' }] });
  });
});

it('runs a workflow of all seven roles on their defaults', async () => {
  const nodes = [
    S,
    ...L('l'),
    node('d', 'decision'),
    node('br', 'branch'),
    node('sp', 'split'),
    ...L('a', 'b', 'c'),
    node('m', 'merge', { merge: { strategy: 'list' } }),
    node('n', 'merge'),
    X,
  ];
  const edges = [
    'S>l',
    'l>d',
    'd>br:clone',
    'd>sp:split',
    'br>a',
    'br>b',
    'sp>c',
    'a>m',
    'b>m',
    'm>n',
    'c>n',
    'n>X',
  ];
  const files = { 'workflow.yaml': workflow(nodes, edges) };
  const cloned = await runOnce(files, { route: 'clone', subtask_inputs: [1] });
  expect(cloned.result.node_sequence).toEqual(['S', 'l', 'd', 'br', 'a', 'b', 'm', 'n', 'X']);
  const divided = await runOnce(files, { decision: 'split', subtask_inputs: [1, 2] });
  expect(divided.result.node_sequence).toEqual(['S', 'l', 'd', 'sp', 'c', 'c', 'n', 'X']);
  const inputs = (divided.result.output as { merge_inputs: readonly JsonObject[] }).merge_inputs;
  expect(inputs.map(({ output }) => output)).toEqual([1, 2]);
});
