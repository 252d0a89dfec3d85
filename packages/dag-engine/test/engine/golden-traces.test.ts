import { expect, it } from 'vitest';
import type { WorkflowNode } from '../../src/engine/model/workflow.ts';
import { graphOf, type NodeDeclaration } from './graph-of.ts';
import { FAILS, nodeLines, runScript, traceLines, type Script } from './scripted-run.ts';

const linear = graphOf(
  [
    ['start', 'start'],
    ['l', 'linear'],
    ['exit', 'exit'],
  ],
  [
    ['start', 'l'],
    ['l', 'exit'],
  ],
);

function branchAndMerge(merge: Partial<WorkflowNode> = {}) {
  return graphOf(
    [
      ['start', 'start'],
      ['b', 'branch'],
      ['l1', 'linear'],
      ['l2', 'linear'],
      ['m', 'merge', merge],
      ['exit', 'exit'],
    ],
    [
      ['start', 'b'],
      ['b', 'l1'],
      ['b', 'l2'],
      ['l1', 'm'],
      ['l2', 'm'],
      ['m', 'exit'],
    ],
  );
}

const failing =
  (...ids: readonly string[]): Script =>
  ({ node, input }) =>
    ids.includes(node.id) ? FAILS : input;

it('tells a linear run', async () => {
  expect(traceLines(await runScript(linear))).toEqual([
    'task_started',
    'node_started@start',
    'node_completed@start',
    'routing_decision@start',
    'node_started@l',
    'node_completed@l',
    'routing_decision@l',
    'node_started@exit',
    'node_completed@exit',
    'task_completed',
  ]);
});

it('tells a branch whose arms merge: clones end right after the merge', async () => {
  expect(traceLines(await runScript(branchAndMerge()))).toEqual([
    'task_started',
    'node_started@start',
    'node_completed@start',
    'routing_decision@start',
    'node_started@b',
    'node_completed@b',
    'routing_branch@b',
    'clone_created@b',
    'clone_created@b',
    'node_started@l1[clone-0]',
    'node_completed@l1[clone-0]',
    'routing_decision@l1[clone-0]',
    'node_started@l2[clone-1]',
    'node_completed@l2[clone-1]',
    'routing_decision@l2[clone-1]',
    'routing_merge@m',
    'node_started@m',
    'node_completed@m',
    'task_completed[clone-0]',
    'task_completed[clone-1]',
    'routing_decision@m',
    'node_started@exit',
    'node_completed@exit',
    'task_completed',
  ]);
});

it('tells a failure: nothing comes after it', async () => {
  const run = await runScript(linear, failing('l'));
  expect(traceLines(run).slice(4)).toEqual([
    'node_started@l',
    'node_failed@l',
    'task_failed',
    'task_completed',
  ]);
  expect(run.events.at(-1)?.payload).toMatchObject({ status: 'failure', lifecycle: 'concluded' });
  expect(run.error).toMatchObject({ error_id: 'scripted_failure', stage_id: 'l' });
});

it('tells a merge that is refused', async () => {
  const run = await runScript(branchAndMerge(), failing('l2'));
  expect(traceLines(run).slice(12)).toEqual([
    'node_started@l2[clone-1]',
    'node_failed@l2[clone-1]',
    'task_failed[clone-1]',
    'task_completed[clone-1]',
    'routing_merge@m',
    'node_started@m',
    'node_failed@m',
    'task_completed[clone-0]',
    'task_failed',
    'task_completed',
  ]);
  expect(run.error).toMatchObject({ error_id: 'merge_upstream_failed', code: 'routing', stage_id: 'm' });
});

it('tells a decision that selects nothing as a failure of the node', async () => {
  const graph = graphOf(
    [
      ['start', 'start'],
      ['d', 'decision'],
      ['x', 'exit'],
      ['y', 'exit'],
    ],
    [
      ['start', 'd'],
      ['d', 'x', 'A'],
      ['d', 'y', 'B'],
    ],
  );
  const run = await runScript(graph, ({ node }) => (node.id === 'd' ? { selected_edge: 'Z' } : null));
  expect(traceLines(run).slice(4)).toEqual([
    'node_started@d',
    'node_failed@d',
    'task_failed',
    'task_completed',
  ]);
  expect(run.error).toMatchObject({ error_id: 'invalid_decision', code: 'routing' });
  expect(run.error?.message).toContain('A, B');
  expect(run.root.history.at(-1)).toMatchObject({ node_id: 'd', node_status: 'failed' });
});

it('interleaves arms breadth first', async () => {
  const graph = graphOf(
    [
      ['start', 'start'],
      ['br', 'branch'],
      ['a1', 'linear'],
      ['b1', 'linear'],
      ['a2', 'linear'],
      ['b2', 'linear'],
      ['x', 'exit'],
    ],
    [
      ['start', 'br'],
      ['br', 'a1'],
      ['br', 'b1'],
      ['a1', 'a2'],
      ['b1', 'b2'],
      ['a2', 'x'],
      ['b2', 'x'],
    ],
  );
  const run = await runScript(graph);
  expect(run.trace.map((entry) => entry.node_id).slice(2, 6)).toEqual(['a1', 'b1', 'a2', 'b2']);
});

const nestedNodes: readonly NodeDeclaration[] = [
  ['start', 'start'],
  ['B1', 'branch'],
  ['B2', 'branch'],
  ['p', 'linear'],
  ['q', 'linear'],
  ['r', 'linear'],
];

it('joins nested branches each at its own merge', async () => {
  const graph = graphOf(
    [...nestedNodes, ['mi', 'merge'], ['mo', 'merge'], ['x', 'exit']],
    [
      ['start', 'B1'],
      ['B1', 'B2'],
      ['B1', 'r'],
      ['B2', 'p'],
      ['B2', 'q'],
      ['p', 'mi'],
      ['q', 'mi'],
      ['mi', 'mo'],
      ['r', 'mo'],
      ['mo', 'x'],
    ],
  );
  expect(nodeLines(await runScript(graph))).toEqual([
    'start',
    'B1',
    'B2(clone-0)',
    'r(clone-1)',
    'p(clone-0-clone-0)',
    'q(clone-0-clone-1)',
    'mi(clone-0){clone-0-clone-0,clone-0-clone-1}',
    'mo{clone-0,clone-1}',
    'x',
  ]);
});

it('joins nested branches that share a merge once, on the outer parent', async () => {
  const graph = graphOf(
    [...nestedNodes, ['mo', 'merge'], ['x', 'exit']],
    [
      ['start', 'B1'],
      ['B1', 'B2'],
      ['B1', 'r'],
      ['B2', 'p'],
      ['B2', 'q'],
      ['p', 'mo'],
      ['q', 'mo'],
      ['r', 'mo'],
      ['mo', 'x'],
    ],
  );
  const run = await runScript(graph);
  expect(nodeLines(run).slice(6)).toEqual(['mo{clone-0-clone-0,clone-0-clone-1,clone-1}', 'x']);
  const ends = traceLines(run).filter((line) => line.startsWith('task_completed'));
  expect(ends).toEqual([
    'task_completed[clone-0-clone-0]',
    'task_completed[clone-0-clone-1]',
    'task_completed[clone-0]',
    'task_completed[clone-1]',
    'task_completed',
  ]);
  for (const task of run.tasks.getAllTasks().slice(1)) {
    expect(task.lineage_metadata['merged_into']).toEqual({ task_id: run.root.task_id, node_id: 'mo' });
  }
});

it('joins some of the arms on the first of them', async () => {
  const arms = ['a', 'b', 'c', 'd'];
  const graph = graphOf(
    [
      ['start', 'start'],
      ['br', 'branch'],
      ...arms.map((id): NodeDeclaration => [id, 'linear']),
      ['m1', 'merge'],
      ['m2', 'merge'],
      ['m3', 'merge'],
      ['x', 'exit'],
    ],
    [
      ['start', 'br'],
      ...arms.map((id): [string, string] => ['br', id]),
      ['a', 'm1'],
      ['b', 'm1'],
      ['c', 'm2'],
      ['d', 'm2'],
      ['m1', 'm3'],
      ['m2', 'm3'],
      ['m3', 'x'],
    ],
  );
  expect(nodeLines(await runScript(graph)).slice(6)).toEqual([
    'm1(clone-0){clone-0,clone-1}',
    'm2(clone-2){clone-2,clone-3}',
    'm3{clone-0,clone-2}',
    'x',
  ]);
});

const decisionInArm = graphOf(
  [
    ['start', 'start'],
    ['b', 'branch'],
    ['d', 'decision'],
    ['a1', 'linear'],
    ['a2', 'linear'],
    ['m1', 'merge'],
    ['r', 'linear'],
    ['m2', 'merge'],
    ['x', 'exit'],
  ],
  [
    ['start', 'b'],
    ['b', 'd'],
    ['b', 'r'],
    ['d', 'a1'],
    ['d', 'a2'],
    ['a1', 'm1'],
    ['a2', 'm1'],
    ['m1', 'm2'],
    ['r', 'm2'],
    ['m2', 'x'],
  ],
);

it('closes a decision inside an arm on the clone alone', async () => {
  const run = await runScript(decisionInArm, ({ node, input }) => (node.id === 'd' ? 'a2' : input));
  expect(nodeLines(run)).toEqual([
    'start',
    'b',
    'd(clone-0)',
    'r(clone-1)',
    'a2(clone-0)',
    'm1(clone-0){clone-0}',
    'm2{clone-0,clone-1}',
    'x',
  ]);
});

it('runs the merge behind a decision once, with one input', async () => {
  const graph = graphOf(
    [
      ['S', 'start'],
      ['d', 'decision'],
      ['a', 'linear'],
      ['b', 'linear'],
      ['m', 'merge'],
      ['X', 'exit'],
    ],
    [
      ['S', 'd'],
      ['d', 'a', 'A'],
      ['d', 'b', 'B'],
      ['a', 'm'],
      ['b', 'm'],
      ['m', 'X'],
    ],
  );
  const run = await runScript(graph, ({ node, input }) => (node.id === 'd' ? { selected_edge: 'B' } : input));
  expect(nodeLines(run)).toEqual(['S', 'd', 'b', 'm{root}', 'X']);
});

it('joins at the merge a branch names', async () => {
  const crossed = (join: string) =>
    graphOf(
      [
        ['start', 'start'],
        ['b', 'branch', { join }],
        ['d1', 'decision'],
        ['d2', 'decision'],
        ['m1', 'merge'],
        ['m2', 'merge'],
        ['x', 'exit'],
      ],
      [
        ['start', 'b'],
        ['b', 'd1'],
        ['b', 'd2'],
        ['d1', 'm1'],
        ['d1', 'm2'],
        ['d2', 'm1'],
        ['d2', 'm2'],
        ['m1', 'x'],
        ['m2', 'x'],
      ],
    );
  const toTheSecond: Script = ({ node, input }) => (node.role === 'decision' ? 'm2' : input);
  expect(nodeLines(await runScript(crossed('m2'), toTheSecond)).slice(4)).toEqual([
    'm2{clone-0,clone-1}',
    'x',
  ]);
  expect(nodeLines(await runScript(crossed('m1'), toTheSecond)).slice(4)).toEqual([
    'm2(clone-0){clone-0,clone-1}',
    'x(clone-0)',
  ]);
});

it.each([
  ['fail_on_any', false, 'failed', 'm{clone-0}!'],
  ['fail_on_any', true, 'partial', 'm{clone-0}'],
  ['ignore_failures', false, 'completed', 'm{clone-0}'],
  ['partial', false, 'partial', 'm{clone-0}'],
] as const)('%s (continue: %s) with a failed arm is %s', async (mode, goesOn, status, line) => {
  const graph = branchAndMerge({ merge_failure_mode: mode, continue_on_failure: goesOn });
  const run = await runScript(graph, failing('l2'));
  expect(nodeLines(run)[4]).toBe(line);
  expect(run.root.status).toBe(status);
  expect(run.root.history.find((record) => record.node_id === 'm')?.input).toMatchObject({
    merge_inputs: [{ node_id: 'l1', node_status: 'completed', stage_result_index: 0 }],
    merge_failures: [{ node_id: 'l2', node_status: 'failed' }],
  });
});

it.each(['fail_on_any', 'ignore_failures', 'partial'] as const)(
  '%s with nothing but failures refuses the merge, unless it may go on',
  async (mode) => {
    const halted = await runScript(branchAndMerge({ merge_failure_mode: mode }), failing('l1', 'l2'));
    expect([halted.root.status, halted.error?.error_id]).toEqual(['failed', 'merge_no_inputs']);
    const goesOn = { merge_failure_mode: mode, continue_on_failure: true };
    const run = await runScript(branchAndMerge(goesOn), failing('l1', 'l2'));
    expect(nodeLines(run).slice(4)).toEqual(['m{}!', 'exit']);
    expect([run.root.status, run.root.current_output]).toEqual(['partial', 'request']);
  },
);
