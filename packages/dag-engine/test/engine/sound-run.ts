import { expect } from 'vitest';
import type { TaskView } from '../../src/engine/model/task.ts';
import type { Status } from '../../src/engine/model/vocabulary.ts';
import type { TestGraph } from './graph-of.ts';
import type { TracedRun } from './scripted-run.ts';

/** What must hold for every run of every workflow, whatever failed: nothing breaks a rule. */
export function expectSoundRun(run: TracedRun, graph: TestGraph): void {
  const tasks = run.tasks.getAllTasks();
  const records = tasks.flatMap((task) => task.history);
  expect({
    unended: tasks.filter((task) => !hasEnded(task)),
    improved: tasks.filter(statusImproved),
    whitewashed: tasks.filter(
      (task) => task.status === 'completed' && task.history.some((record) => record.node_status === 'failed'),
    ),
    repeated: repeated(run.trace.map(({ task_id, node_id }) => `${task_id} ${node_id}`)),
    late: eventsAfterTheEnd(run),
    misjudged: records.filter((record) => record.node_role === 'merge' && !isJudgedByMode(record, graph)),
  }).toEqual({ unended: [], improved: [], whitewashed: [], repeated: [], late: [], misjudged: [] });
  expect(run.trace.map(({ seq, node_id }) => `${seq} ${node_id}`)).toEqual(
    records.toSorted((a, b) => a.seq - b.seq).map(({ node_id }, index) => `${index + 1} ${node_id}`),
  );
  expect(run.error === null).toBe(run.root.status !== 'failed');
  expectOneEndForEachTask(run);
}

function hasEnded({ lifecycle, status }: TaskView): boolean {
  return lifecycle === 'concluded' && ['completed', 'partial', 'failed'].includes(status);
}

const FROM_GOOD_TO_BAD: readonly Status[] = ['pending', 'in_progress', 'completed', 'partial', 'failed'];

function statusImproved({ status_transitions }: TaskView): boolean {
  const order = status_transitions.map(({ status }) => FROM_GOOD_TO_BAD.indexOf(status));
  return order.some((place, index) => place < (order[index - 1] ?? 0));
}

function repeated(keys: readonly string[]): readonly string[] {
  return keys.filter((key, index) => keys.indexOf(key) !== index);
}

function eventsAfterTheEnd({ events }: TracedRun): readonly string[] {
  const ended = new Set<string | null>();
  return events.flatMap(({ name, task_id }) => {
    const late = ended.has(task_id);
    if (name === 'task_completed') ended.add(task_id);
    return late ? [`${name} ${task_id ?? ''}`] : [];
  });
}

function isJudgedByMode(record: TaskView['history'][number], graph: TestGraph): boolean {
  const payload = record.input as Record<'merge_inputs' | 'merge_failures', { node_status: string }[]>;
  const { merge_inputs: inputs, merge_failures: failures } = payload;
  if (inputs.some((item) => item.node_status === 'failed')) return false;
  if (failures.some((item) => item.node_status !== 'failed')) return false;
  const errorId = record.error?.error_id;
  if (inputs.length === 0) return errorId === 'merge_no_inputs';
  const node = graph.node(record.node_id);
  const refuses = node.merge_failure_mode === 'fail_on_any' && !node.continue_on_failure;
  if (refuses && failures.length > 0) return errorId === 'merge_upstream_failed';
  return errorId === undefined || errorId === 'scripted_failure';
}

function expectOneEndForEachTask({ events, tasks }: TracedRun): void {
  const all = tasks.getAllTasks();
  const told = (name: string) => events.filter((event) => event.name === name).map((event) => event.task_id);
  const ids = (some: readonly TaskView[]) => some.map((task) => task.task_id).toSorted();
  expect(told('task_completed').toSorted()).toEqual(ids(all));
  expect(told('task_failed').toSorted()).toEqual(ids(all.filter(({ status }) => status === 'failed')));
  expect(told('clone_created').length + told('subtask_created').length + 1).toBe(all.length);
}
