import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Occurrence } from '../../src/engine/model/engine-event.ts';
import type { JsonValue } from '../../src/engine/model/json.ts';
import { CheckpointStore } from '../../src/engine/tasks/checkpoint-store.ts';
import { TaskStore } from '../../src/engine/tasks/task-store.ts';
import { graphOf } from './graph-of.ts';
import { countingIds, runScript, tickingClock } from './scripted-run.ts';

let stateRoot = '';

beforeEach(async () => {
  stateRoot = await mkdtemp(join(tmpdir(), 'checkpoints-'));
});

afterEach(async () => {
  await rm(stateRoot, { recursive: true });
});

function open() {
  const clock = tickingClock();
  const tasks = new TaskStore({ clock, ids: countingIds() });
  const events: Occurrence[] = [];
  const checkpoints = new CheckpointStore({
    stateRoot,
    tasks,
    events: { emit: (occurrence) => void events.push(occurrence) },
    clock,
  });
  return { tasks, events, checkpoints };
}

const address = (taskId: string, projectId = 'default') => ({ taskId, projectId });

it('restores the tasks of a run in another engine', async () => {
  const graph = graphOf(
    [
      ['__proto__', 'start'],
      ['s', 'split'],
      ['w', 'linear'],
      ['x', 'exit'],
    ],
    [
      ['__proto__', 's'],
      ['s', 'w'],
      ['w', 'x'],
    ],
  );
  const run = await runScript(graph, ({ node, input }) => (node.id === 's' ? [1, 2] : input));
  const { checkpoints } = open();
  for (const task of run.tasks.getAllTasks()) expect(await checkpoints.saveCheckpoint(task)).toBeNull();

  const later = open();
  const ids = run.tasks.getAllTasks().map((task) => task.task_id);
  expect(await later.checkpoints.listTasks('default')).toEqual({ kind: 'loaded', value: ids.toSorted() });
  for (const task of run.tasks.getAllTasks()) {
    const loaded = await later.checkpoints.loadCheckpoint(address(task.task_id));
    expect(loaded).toEqual({ kind: 'loaded', value: task });
    expect(later.tasks.getTask(task.task_id)).toEqual(task);
  }
  expect(later.events.map((event) => event.name)).toEqual(ids.map(() => 'checkpoint_loaded'));
});

it('writes whole files one after the other, and says where', async () => {
  const { tasks, events, checkpoints } = open();
  const task = tasks.createRoot({ request: 1 });
  const saves = [1, 2, 3, 4, 5].map((output) => {
    tasks.updateTaskOutput(task.task_id, output);
    return checkpoints.saveCheckpoint(task);
  });
  expect(await Promise.all(saves)).toEqual([null, null, null, null, null]);
  const path = `tasks/default/${task.task_id}.json`;
  expect(events.at(-1)).toEqual({
    name: 'checkpoint_saved',
    task_id: task.task_id,
    stage_id: null,
    payload: { task_id: task.task_id, path },
  });
  const text = await readFile(join(stateRoot, path), 'utf8');
  expect(text).toContain('\n  "current_output": 5,\n');
  expect(await readdir(join(stateRoot, 'tasks/default'))).toEqual([`${task.task_id}.json`]);
});

it('stays below the state root whatever the ids are', async () => {
  const { tasks, checkpoints } = open();
  const project = '../../outside';
  const task = {
    ...tasks.createRoot({ request: 1, metadata: { project_id: project } }),
    task_id: '../../up',
  };
  expect(await checkpoints.saveCheckpoint(task)).toBeNull();
  expect(await readdir(stateRoot)).toEqual(['tasks']);
  expect(await readdir(join(stateRoot, 'tasks'))).toHaveLength(1);
  expect(await checkpoints.listTasks(project)).toEqual({ kind: 'loaded', value: ['../../up'] });
  expect(await checkpoints.loadCheckpoint(address('../../up', project))).toMatchObject({ kind: 'loaded' });
});

it('keeps tasks and projects whose ids are longer than names of files may be', async () => {
  const { tasks, checkpoints } = open();
  const project = 'é'.repeat(100);
  const [one, other] = ['1', '2'].map((end) => 'task '.repeat(60) + end);
  const root = tasks.createRoot({ request: 1, metadata: { project_id: project } });
  for (const task_id of [other, one, 'short'])
    expect(await checkpoints.saveCheckpoint({ ...root, task_id: task_id ?? '' })).toBeNull();
  const [folder = ''] = await readdir(join(stateRoot, 'tasks'));
  await writeFile(join(stateRoot, 'tasks', folder, 'broken%%00.json'), '{');
  await writeFile(join(stateRoot, 'tasks', folder, 'moved%%00.json'), JSON.stringify({ task_id: 'short' }));
  expect(await checkpoints.listTasks(project)).toEqual({ kind: 'loaded', value: ['short', one, other] });
  expect(await checkpoints.loadCheckpoint(address(one ?? '', project))).toMatchObject({
    kind: 'loaded',
    value: { task_id: one },
  });
});

it('tells what a task is without restoring it', async () => {
  const { tasks, checkpoints } = open();
  const task = tasks.createRoot({ request: 1 });
  await checkpoints.saveCheckpoint(task);
  const later = open();
  expect(await later.checkpoints.getTaskMetadata(address(task.task_id))).toEqual({
    kind: 'loaded',
    value: {
      task_id: task.task_id,
      status: 'pending',
      created_at: task.created_at,
      updated_at: task.updated_at,
    },
  });
  expect(later.tasks.getTaskCount()).toBe(0);
});

const DEEP = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;

it.each([
  ['nothing', 'checkpoint_not_found', 'validation', null],
  ['half a file', 'invalid_checkpoint_json', 'json', '{"task_id": "t", "sp'],
  ['something else', 'invalid_checkpoint_schema', 'validation', '{"task_id": "t"}'],
  ['a trap', 'invalid_checkpoint_schema', 'validation', `{"task_id": "t", "spec": ${DEEP}}`],
])('finds %s: %s', async (_what, id, code, content) => {
  const { events, tasks, checkpoints } = open();
  const file = join(stateRoot, 'tasks/default/t.json');
  await mkdir(dirname(file), { recursive: true });
  if (content !== null) await writeFile(file, content);
  const expected = { kind: 'error', error: { error_id: id, code, source: 'task_manager', task_id: 't' } };
  expect(await checkpoints.loadCheckpoint(address('t'))).toMatchObject(expected);
  expect(await checkpoints.getTaskMetadata(address('t'))).toMatchObject(expected);
  expect(tasks.getTaskCount()).toBe(0);
  expect(events.map((event) => event.name)).toEqual(
    content === null ? ['checkpoint_missing', 'checkpoint_missing'] : [],
  );
});

it('survives a task nested more deeply than the stack is high', async () => {
  const { tasks, checkpoints } = open();
  const task = tasks.createRoot({ request: 1 });
  await checkpoints.saveCheckpoint(task);
  const file = join(stateRoot, `tasks/default/${task.task_id}.json`);
  await writeFile(
    file,
    (await readFile(file, 'utf8')).replace('"current_output": null', `"current_output": ${DEEP}`),
  );
  expect(await checkpoints.loadCheckpoint(address(task.task_id))).toMatchObject({
    kind: 'error',
    error: { error_id: 'invalid_checkpoint_json' },
  });
  let output: JsonValue = 1;
  for (let level = 0; level < 200_000; level += 1) output = [output];
  expect(await checkpoints.saveCheckpoint({ ...task, current_output: output })).toMatchObject({
    error_id: 'checkpoint_write_failed',
  });
});

it('does not take the checkpoint of another task', async () => {
  const { tasks, checkpoints } = open();
  const task = tasks.createRoot({ request: 1 });
  await checkpoints.saveCheckpoint(task);
  const folder = join(stateRoot, 'tasks/default');
  await writeFile(join(folder, 'other.json'), await readFile(join(folder, `${task.task_id}.json`)));
  const later = open();
  expect(await later.checkpoints.loadCheckpoint(address('other'))).toMatchObject({
    kind: 'error',
    error: { error_id: 'invalid_checkpoint_schema' },
  });
  expect(later.tasks.getTaskCount()).toBe(0);
});

it('lists nothing of a project it does not know, and only checkpoints', async () => {
  const { checkpoints } = open();
  expect(await checkpoints.listTasks('nobody')).toEqual({ kind: 'loaded', value: [] });
  await mkdir(join(stateRoot, 'tasks/p'), { recursive: true });
  for (const name of ['b.json', 'a.json', 'c.json.new', 'notes.txt']) {
    await writeFile(join(stateRoot, 'tasks/p', name), '');
  }
  expect(await checkpoints.listTasks('p')).toEqual({ kind: 'loaded', value: ['a', 'b'] });
});

it('says when it cannot write, and writes again afterwards', async () => {
  const { tasks, events, checkpoints } = open();
  const task = tasks.createRoot({ request: 1 });
  await writeFile(join(stateRoot, 'tasks'), 'in the way');
  expect(await checkpoints.saveCheckpoint(task)).toMatchObject({
    error_id: 'checkpoint_write_failed',
    code: 'internal',
    task_id: task.task_id,
  });
  expect(events).toEqual([]);
  await rm(join(stateRoot, 'tasks'));
  expect(await checkpoints.saveCheckpoint(task)).toBeNull();
});
