import { expect, it } from 'vitest';
import { countingIds, tickingClock } from '../../../test/engine/scripted-run.ts';
import type { Status } from '../model/vocabulary.ts';
import { projectIdOf } from './task-spec.ts';
import { TaskStore } from './task-store.ts';

const store = () => new TaskStore({ clock: tickingClock(), ids: countingIds() });

it('names tasks, specs and memories', () => {
  const task = store().createRoot({ request: { a: 1 } });
  expect(task).toMatchObject({
    task_id: 'task-task_spec_00000001-00000002',
    spec: { task_spec_id: 'task_spec_00000001', request: { a: 1 }, mode: 'implement', priority: 'normal' },
    lifecycle: 'queued',
    status: 'pending',
    current_output: null,
    task_memory_ref: 'task_memory:task-task_spec_00000001-00000002',
    project_memory_ref: 'project_memory:default',
    global_memory_ref: 'global_memory:default',
    parent_task_id: null,
  });
});

it.each([
  [{}, 'default'],
  [{ project_id: 'mine' }, 'mine'],
  [{ project_id: 7 }, 'default'],
  [{ project_id: '' }, 'default'],
])('with the metadata %j a task belongs to %s', (metadata, projectId) => {
  const task = store().createRoot({ request: null, metadata });
  expect(projectIdOf(task)).toBe(projectId);
  expect(task.project_memory_ref).toBe(`project_memory:${projectId}`);
});

it('keeps tasks apart when ids repeat', () => {
  const tasks = new TaskStore({ clock: tickingClock(), ids: { hex: () => 'ab', uuid: () => 'ab' } });
  const ids = [1, 2, 3].map((request) => tasks.createRoot({ request }).task_id);
  expect(ids).toEqual(['task-task_spec_ab-ab', 'task-task_spec_ab-ab-2', 'task-task_spec_ab-ab-3']);
});

it.each([[0], [''], [[]], [null], [false]])('a clone may be given the output %j', (output) => {
  const tasks = store();
  const parent = tasks.createRoot({ request: 'r' });
  tasks.updateTaskOutput(parent.task_id, { of: 'the parent' });
  const place = { branchLabel: 'l', stageId: 's' };
  const clone = tasks.createClone(parent, { ...place, output, index: 0 });
  expect(clone.current_output).toEqual(output);
  expect(clone.spec).toBe(parent.spec);
  expect(tasks.createClone(parent, { ...place, index: 1 }).current_output).toEqual({ of: 'the parent' });
});

it('a subtask has a spec of its own and the project of its parent', () => {
  const tasks = store();
  const parent = tasks.createRoot({
    request: 'r',
    mode: 'review',
    hints: ['h'],
    metadata: { project_id: 'p' },
  });
  const subtask = tasks.createSubtask(parent, { input: { n: 1 }, edgeLabel: 'e', stageId: 's', index: 0 });
  expect(subtask).toMatchObject({
    task_id: `${parent.task_id}-subtask-0`,
    current_output: { n: 1 },
    project_memory_ref: 'project_memory:p',
    task_memory_ref: `task_memory:${parent.task_id}-subtask-0`,
    lineage_metadata: {
      split_edge_label: 'e',
      split_at_stage: 's',
      subtask_index: 0,
      subtask_input: { n: 1 },
    },
    spec: { ...parent.spec, task_spec_id: `${parent.spec.task_spec_id}-subtask-0`, request: { n: 1 } },
  });
});

it('answers questions without changing anything', () => {
  const tasks = store();
  const [first, second] = [tasks.createRoot({ request: 1 }), tasks.createRoot({ request: 2 })];
  tasks.createClone(first, { branchLabel: 'l', stageId: 's', index: 0 });
  tasks.updateTaskStatus(second.task_id, 'completed');
  const before = JSON.stringify(tasks.getAllTasks());
  expect(tasks.getTask(first.task_id)).toBe(first);
  expect(tasks.getTask('nobody')).toBeUndefined();
  expect(tasks.getTasksByStatus('completed')).toEqual([second]);
  expect(tasks.getChildren(first.task_id).map((task) => task.task_id)).toEqual([`${first.task_id}-clone-0`]);
  expect(tasks.getChildren('nobody')).toEqual([]);
  expect(tasks.getTaskCount()).toBe(3);
  expect(JSON.stringify(tasks.getAllTasks())).toBe(before);
});

it('changes what it knows and ignores what it does not', () => {
  const tasks = store();
  const task = tasks.createRoot({ request: 1 });
  tasks.updateTaskStatus('nobody', 'failed');
  tasks.updateTaskLifecycle(task.task_id, 'active');
  tasks.updateTaskStatus(task.task_id, 'in_progress');
  tasks.updateTaskStatus(task.task_id, 'in_progress');
  expect(task).toMatchObject({ lifecycle: 'active', status: 'in_progress' });
  expect(task.updated_at > task.created_at).toBe(true);
  expect(task.status_transitions.map((transition) => transition.status)).toEqual(['pending', 'in_progress']);
});

it('forgets completed tasks, and only those, once', () => {
  const tasks = store();
  for (const status of ['completed', 'failed', 'partial', 'completed'] as const) {
    tasks.updateTaskStatus(tasks.createRoot({ request: status }).task_id, status);
  }
  expect([tasks.clearCompletedTasks(), tasks.clearCompletedTasks(), tasks.getTaskCount()]).toEqual([2, 0, 2]);
});

it('forgets the tasks of runs that ended, and none of those that go on', () => {
  const tasks = store();
  const [ended, running] = [tasks.createRoot({ request: 1 }), tasks.createRoot({ request: 2 })];
  const origin = { branchLabel: 'a', stageId: 'b', index: 0 };
  tasks.createClone(tasks.createClone(ended, origin), origin);
  const clone = tasks.createClone(running, origin);
  for (const { task_id } of [ended, clone]) tasks.updateTaskLifecycle(task_id, 'concluded');
  expect([tasks.clearConcludedTasks(), tasks.clearConcludedTasks()]).toEqual([3, 0]);
  expect(tasks.getAllTasks()).toEqual([running, clone]);
});

it('gives views that nothing can change', () => {
  const tasks = store();
  const task = tasks.createRoot({ request: { a: [1] } });
  const view = tasks.view(task.task_id)!;
  expect(view).toEqual(task);
  expect(() => Object.assign(view, { status: 'failed' })).toThrow(TypeError);
  tasks.updateTaskStatus(task.task_id, 'failed');
  expect(view.status).toBe('pending');
  expect(tasks.view('nobody')).toBeUndefined();
});

function withChildren(type: 'clone' | 'subtask', statuses: readonly Status[]) {
  const tasks = store();
  const parent = tasks.createRoot({ request: 1 });
  statuses.forEach((status, index) => {
    const child =
      type === 'clone'
        ? tasks.createClone(parent, { branchLabel: 'l', stageId: 's', index })
        : tasks.createSubtask(parent, { input: index, edgeLabel: 'e', stageId: 's', index });
    tasks.updateTaskStatus(child.task_id, status);
  });
  return { tasks, parent };
}

it.each<[Status[], boolean, Status]>([
  [['pending', 'pending', 'pending'], false, 'pending'],
  [['completed', 'pending', 'pending'], true, 'completed'],
  [['completed', 'failed', 'failed'], true, 'completed'],
  [['failed', 'failed', 'failed'], false, 'pending'],
  [[], false, 'pending'],
])('clones that are %j complete their parent: %s', (statuses, completes, parentStatus) => {
  const { tasks, parent } = withChildren('clone', statuses);
  expect([tasks.checkCloneCompletion(parent.task_id), parent.status]).toEqual([completes, parentStatus]);
});

it.each<[Status[], boolean, Status, boolean]>([
  [['completed', 'pending', 'completed'], false, 'pending', false],
  [['completed', 'completed', 'completed'], true, 'completed', true],
  [['completed', 'failed', 'completed'], true, 'partial', false],
  [['failed', 'failed', 'failed'], true, 'failed', false],
  [[], false, 'pending', false],
])('subtasks that are %j complete their parent: %s', (statuses, completes, parentStatus, succeeded) => {
  const { tasks, parent } = withChildren('subtask', statuses);
  expect(tasks.allSubtasksSucceeded(parent.task_id)).toBe(succeeded);
  expect([tasks.checkSubtaskCompletion(parent.task_id), parent.status]).toEqual([completes, parentStatus]);
});
