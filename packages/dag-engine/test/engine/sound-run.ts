import { expect } from 'vitest';
import type { Status } from '../../src/engine/model/vocabulary.ts';
import type { TestGraph } from './graph-of.ts';
import type { ScriptedRun } from './scripted-run.ts';

/** What must hold for every run of every workflow, whatever failed. */
export function expectSoundRun(run: ScriptedRun, graph: TestGraph): void {
  expectEverythingEnded(run);
  expectNothingTwice(run);
  expectEventsInOrder(run);
  expectMergesByTheirMode(run, graph);
  expect(run.error === null).toBe(run.root.status !== 'failed');
}

function expectEverythingEnded({ tasks }: ScriptedRun): void {
  for (const task of tasks.getAllTasks()) {
    expect(task.lifecycle).toBe('concluded');
    expect(['completed', 'partial', 'failed']).toContain(task.status);
    const statuses = task.status_transitions.map((transition) => SEVERITY.indexOf(transition.status));
    expect(statuses).toEqual(statuses.toSorted((a, b) => a - b));
    if (task.history.some((record) => record.node_status === 'failed')) {
      expect(task.status).not.toBe('completed');
    }
  }
}

const SEVERITY: readonly Status[] = ['pending', 'in_progress', 'completed', 'partial', 'failed'];

function expectNothingTwice({ trace, tasks, events }: ScriptedRun): void {
  const visits = trace.map(({ task_id, node_id }) => `${task_id} ${node_id}`);
  expect(new Set(visits).size).toBe(visits.length);
  expect(trace.map((entry) => entry.seq)).toEqual(trace.map((_, index) => index + 1));
  const recorded = tasks.getAllTasks().flatMap((task) => task.history);
  expect(recorded.toSorted((a, b) => a.seq - b.seq).map((record) => record.node_id)).toEqual(
    trace.map((entry) => entry.node_id),
  );
  const made = events.filter((event) => event.name === 'clone_created' || event.name === 'subtask_created');
  expect(tasks.getTaskCount()).toBe(made.length + 1);
}

function expectEventsInOrder({ events, tasks }: ScriptedRun): void {
  const ended = new Set<string | null>();
  for (const event of events) {
    expect(ended.has(event.task_id)).toBe(false);
    if (event.name === 'task_completed') ended.add(event.task_id);
  }
  expect(ended.size).toBe(tasks.getTaskCount());
  const failed = events.filter((event) => event.name === 'task_failed').map((event) => event.task_id);
  expect(failed.toSorted()).toEqual(
    tasks
      .getTasksByStatus('failed')
      .map((task) => task.task_id)
      .toSorted(),
  );
}

function expectMergesByTheirMode({ tasks }: ScriptedRun, graph: TestGraph): void {
  for (const record of tasks.getAllTasks().flatMap((task) => task.history)) {
    if (record.node_role !== 'merge') continue;
    const { merge_inputs, merge_failures } = record.input as Record<string, { node_status: string }[]>;
    const node = graph.node(record.node_id);
    const strict = node.merge_failure_mode === 'fail_on_any' && !node.continue_on_failure;
    expect(merge_inputs!.every((item) => item.node_status !== 'failed')).toBe(true);
    expect(merge_failures!.every((item) => item.node_status === 'failed')).toBe(true);
    if (merge_inputs!.length === 0) expect(record.error?.error_id).toBe('merge_no_inputs');
    else if (strict && merge_failures!.length > 0)
      expect(record.error?.error_id).toBe('merge_upstream_failed');
    else expect(record.error?.error_id ?? 'scripted_failure').toBe('scripted_failure');
  }
}
