import { expect, it } from 'vitest';
import type { JsonValue } from '../../src/engine/model/json.ts';
import type { WorkflowNode } from '../../src/engine/model/workflow.ts';
import { graphOf } from './graph-of.ts';
import { TaskStore } from '../../src/engine/tasks/task-store.ts';
import {
  countingIds,
  FAILS,
  nodeLines,
  runScript,
  tickingClock,
  traceLines,
  type Script,
} from './scripted-run.ts';

const line = (l: Partial<WorkflowNode> = {}, exit: Partial<WorkflowNode> = {}) =>
  graphOf(
    [
      ['start', 'start'],
      ['l', 'linear', l],
      ['exit', 'exit', exit],
    ],
    [
      ['start', 'l'],
      ['l', 'exit'],
    ],
  );

const spawning = (role: 'branch' | 'split', spawner: Partial<WorkflowNode> = {}) =>
  graphOf(
    [
      ['start', 'start'],
      ['s', role, spawner],
      ['a', 'linear'],
      ['b', 'linear'],
      ['x', 'exit'],
    ],
    [
      ['start', 's'],
      ['s', 'a', 'left'],
      ['s', 'b'],
      ['a', 'x'],
      ['b', 'x'],
    ],
  );

it('keeps the output of the task when a node may fail', async () => {
  const run = await runScript(line({ continue_on_failure: true }), ({ node, input }) =>
    node.id === 'l' ? FAILS : input,
  );
  expect(run.root).toMatchObject({ status: 'partial', current_output: 'request' });
  expect(run.root.history.map((record) => record.node_status)).toEqual(['completed', 'failed', 'completed']);
  expect(run.root.failure_signatures).toMatchObject([{ stage_id: 'l', code: 'unknown' }]);
});

it('takes null for an output', async () => {
  const run = await runScript(line(), ({ node, input }) => (node.id === 'l' ? null : input));
  expect(run.root.current_output).toBeNull();
});

it('fails at an exit that always fails, and still gives the output', async () => {
  const run = await runScript(line({}, { always_fail: true }));
  expect(run.root).toMatchObject({ status: 'failed', current_output: 'request', lifecycle: 'concluded' });
  expect(run.error?.error_id).toBe('exit_always_fail');
  expect(run.root.history.at(-1)?.node_status).toBe('completed');
});

it('fails when the start fails', async () => {
  const run = await runScript(line(), () => FAILS);
  expect([run.root.status, run.trace.length]).toEqual(['failed', 1]);
});

it('gives the output of the first clone that completed', async () => {
  const script: Script = ({ node, input }) => {
    if (node.id === 'a') return FAILS;
    return node.id === 'b' ? 'from b' : input;
  };
  const run = await runScript(spawning('branch'), script);
  expect(run.root).toMatchObject({ status: 'completed', current_output: 'from b' });
});

it('fails when every clone did', async () => {
  const run = await runScript(spawning('branch'), ({ node, input }) =>
    ['a', 'b'].includes(node.id) ? FAILS : input,
  );
  expect(run.root.status).toBe('failed');
  expect(run.error).toMatchObject({ error_id: 'children_failed', stage_id: 's' });
});

it('labels clones and deals subtasks out in turn', async () => {
  const clones = await runScript(spawning('branch'));
  const labels = clones.tasks.getChildren(clones.root.task_id).map((task) => task.lineage_metadata);
  expect(labels).toEqual([
    { branch_label: 'left', cloned_at_stage: 's', clone_index: 0 },
    { branch_label: 'b', cloned_at_stage: 's', clone_index: 1 },
  ]);
  const parts = [{ n: 1 }, 2, '3'];
  const split = await runScript(spawning('split'), ({ node, input }) =>
    node.id === 's' ? { subtask_inputs: parts } : input,
  );
  const subtasks = split.tasks.getChildren(split.root.task_id);
  expect(subtasks.map((task) => task.history[0]?.node_id)).toEqual(['a', 'b', 'a']);
  expect(subtasks.map((task) => task.history[0]?.input)).toEqual(parts);
  expect(subtasks.map((task) => task.spec.request)).toEqual(parts);
  expect(split.root.current_output).toEqual({
    subtask_results: parts.map((output, index) => ({
      task_id: `${split.root.task_id}-subtask-${index}`,
      subtask_index: index,
      status: 'completed',
      output,
    })),
  });
});

it.each([
  [{ other: [] }, 'invalid_split_output'],
  ['text', 'invalid_split_output'],
  [null, 'invalid_split_output'],
  [{ subtask_inputs: 'text' }, 'invalid_output_type'],
  [{ subtask_inputs: [] }, 'empty_subtask_inputs'],
  [[], 'empty_subtask_inputs'],
] satisfies [JsonValue, string][])(
  'a split with the output %j fails, even if it may go on',
  async (output, id) => {
    const graph = spawning('split', { continue_on_failure: true });
    const run = await runScript(graph, ({ node, input }) => (node.id === 's' ? output : input));
    expect([run.root.status, run.error?.error_id, run.error?.code]).toEqual(['failed', id, 'routing']);
  },
);

it.each([
  [['C', 'C', 'C'], 'completed'],
  [['C', 'F', 'C'], 'partial'],
  [['F', 'F', 'F'], 'failed'],
])('subtasks that end %j make the parent %s', async (ends, status) => {
  const run = await runScript(spawning('split'), ({ node, input }) => {
    if (node.id === 's') return ends;
    return input === 'F' ? FAILS : input;
  });
  expect(run.root.status).toBe(status);
});

it('numbers children over branches and splits that follow each other', async () => {
  const graph = graphOf(
    [
      ['start', 'start'],
      ['b', 'branch'],
      ['p', 'linear'],
      ['q', 'linear'],
      ['m', 'merge'],
      ['s', 'split'],
      ['w', 'linear'],
      ['x', 'exit'],
    ],
    [
      ['start', 'b'],
      ['b', 'p'],
      ['b', 'q'],
      ['p', 'm'],
      ['q', 'm'],
      ['m', 's'],
      ['s', 'w'],
      ['w', 'x'],
    ],
  );
  const run = await runScript(graph, ({ node, input }) => (node.id === 's' ? [1, 2] : input));
  expect(run.root.child_task_ids.map((id) => id.slice(run.root.task_id.length))).toEqual([
    '-clone-0',
    '-clone-1',
    '-subtask-2',
    '-subtask-3',
  ]);
});

it('keeps what a node got apart from what others do to it', async () => {
  const shared = { list: [1] };
  const run = await runScript(spawning('branch'), ({ node, input }) => {
    if (node.id === 'start') return shared;
    shared.list.push(2);
    expect(() => (input as { list: number[] }).list.push(3)).toThrow(TypeError);
    return input;
  });
  expect(run.root.current_output).toEqual({ list: [1] });
});

it('routes through nodes whose names objects know already', async () => {
  const graph = graphOf(
    [
      ['__proto__', 'start'],
      ['constructor', 'decision'],
      ['toString', 'exit'],
      ['hasOwnProperty', 'exit'],
    ],
    [
      ['__proto__', 'constructor'],
      ['constructor', 'toString'],
      ['constructor', 'hasOwnProperty', '__proto__'],
    ],
  );
  const run = await runScript(graph, ({ node, input }) =>
    node.id === 'constructor' ? { route: '__proto__' } : input,
  );
  expect(run.trace.map((entry) => entry.node_id)).toEqual(['__proto__', 'constructor', 'hasOwnProperty']);
  expect(Object.keys(run.root.stage_results)).toEqual(['__proto__', 'constructor', 'hasOwnProperty']);
});

it('tells when a record is written and when a task has ended', async () => {
  const told: string[] = [];
  const run = await runScript(spawning('branch'), undefined, {
    onRecorded: (task) => {
      expect(task.current_output).toBe(task.history.at(-1)!.output);
      told.push(`${task.history.at(-1)!.node_id} ${task.status}`);
    },
    onConcluded: (task) => told.push(`${task.lineage_type ?? 'root'} ${task.lifecycle}`),
  });
  expect(told).toEqual([
    'start in_progress',
    's in_progress',
    'a in_progress',
    'b in_progress',
    'x in_progress',
    'clone concluded',
    'x in_progress',
    'clone concluded',
    'root concluded',
  ]);
  expect(run.root.status_transitions.map((transition) => transition.status)).toEqual([
    'pending',
    'in_progress',
    'completed',
  ]);
});

it('keeps runs apart that share a graph and a task store and take turns', async () => {
  const graph = spawning('split');
  const parts: Script = ({ node, input }) => {
    if (node.id === 's') return Array.from({ length: input as number }, (_, index) => index);
    return node.id === 'a' && input === 2 ? FAILS : input;
  };
  const alone = [1, 2, 3, 5].map((request) => runScript(graph, parts, { request }));
  const tasks = new TaskStore({ clock: tickingClock(), ids: countingIds() });
  const together = [1, 2, 3, 5].map((request) => runScript(graph, parts, { request, tasks }));
  const told = async (runs: readonly ReturnType<typeof runScript>[]) =>
    (await Promise.all(runs)).map((run) => [run.root.status, nodeLines(run), traceLines(run)]);
  expect(await told(together)).toEqual(await told(alone));
  expect(tasks.getTaskCount()).toBe(4 + 1 + 2 + 3 + 5);
});

it('lets a defect of the executor out', async () => {
  const defect = new TypeError('planted');
  const run = runScript(line(), () => {
    throw defect;
  });
  await expect(run).rejects.toBe(defect);
});

it('tells a merge all about what arrived', async () => {
  const graph = graphOf(
    [
      ['start', 'start'],
      ['b', 'branch'],
      ['l', 'linear', { continue_on_failure: true }],
      ['f', 'linear'],
      ['m', 'merge', { merge_failure_mode: 'ignore_failures' }],
      ['x', 'exit'],
    ],
    [
      ['start', 'b'],
      ['b', 'm', 'straight'],
      ['b', 'l'],
      ['b', 'f'],
      ['l', 'm'],
      ['f', 'm'],
      ['m', 'x'],
    ],
  );
  const run = await runScript(graph, ({ node, input }) => (['l', 'f'].includes(node.id) ? FAILS : input));
  const [straight, partial, failed] = run.tasks.getChildren(run.root.task_id);
  const lineage = { type: 'clone', parent_task_id: run.root.task_id };
  const item = { output: 'request', stage_result_index: 0 };
  expect(run.root.history.find((record) => record.node_id === 'm')?.input).toEqual({
    merge_inputs: [
      {
        task_id: straight!.task_id,
        node_id: 'b',
        output: 'request',
        node_status: 'completed',
        stage_result_index: null,
        timestamp: straight!.created_at,
        lineage_metadata: { ...lineage, branch_label: 'straight', index: 0 },
      },
      {
        ...item,
        task_id: partial!.task_id,
        node_id: 'l',
        node_status: 'partial',
        timestamp: partial!.history[0]!.completed_at,
        lineage_metadata: { ...lineage, branch_label: 'l', index: 1 },
      },
    ],
    merge_failures: [
      {
        ...item,
        task_id: failed!.task_id,
        node_id: 'f',
        node_status: 'failed',
        timestamp: failed!.history[0]!.completed_at,
        lineage_metadata: { ...lineage, branch_label: 'f', index: 2 },
      },
    ],
  });
  expect(run.events.find((event) => event.name === 'routing_merge')?.payload).toEqual({
    input_count: 2,
    input_statuses: ['completed', 'partial'],
    failure_count: 1,
  });
  expect(run.root.status).toBe('completed');
});

const twoMergesAtOnce = graphOf(
  [
    ['start', 'start'],
    ['br', 'branch'],
    ['a', 'linear'],
    ['b', 'linear'],
    ['w', 'linear'],
    ['d', 'decision'],
    ['m2', 'merge'],
    ['m1', 'merge'],
    ['x', 'exit'],
    ['y', 'exit'],
  ],
  [
    ['start', 'br'],
    ['br', 'a'],
    ['br', 'b'],
    ['br', 'w'],
    ['w', 'd'],
    ['a', 'm1'],
    ['b', 'm2'],
    ['d', 'm1'],
    ['d', 'm2'],
    ['d', 'y'],
    ['m1', 'x'],
    ['m2', 'x'],
  ],
);

it('runs merges that become ready together in declaration order', async () => {
  const run = await runScript(twoMergesAtOnce, ({ node, input }) => (node.id === 'd' ? 'y' : input));
  expect(nodeLines(run).slice(6)).toEqual([
    'y(clone-2)',
    'm2(clone-1){clone-1}',
    'm1(clone-0){clone-0}',
    'x(clone-1)',
    'x(clone-0)',
  ]);
});

it('runs no other merge when the first of several is aborted', async () => {
  const controller = new AbortController();
  const script: Script = ({ node, input }) => {
    if (node.id === 'm2') controller.abort();
    return node.id === 'd' ? 'y' : input;
  };
  const run = await runScript(twoMergesAtOnce, script, { signal: controller.signal });
  expect(nodeLines(run).at(-1)).toBe('m2(clone-1){clone-1}');
  const statuses = run.tasks.getAllTasks().map((task) => `${task.lifecycle} ${task.status}`);
  expect(statuses).toEqual([
    'concluded cancelled',
    'concluded cancelled',
    'concluded cancelled',
    'concluded completed',
  ]);
  expect(run.events.at(-1)).toMatchObject({
    name: 'task_completed',
    task_id: run.root.task_id,
    payload: { status: 'cancelled' },
  });
});
