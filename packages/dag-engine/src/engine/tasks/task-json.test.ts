import { expect, it } from 'vitest';
import { countingIds, tickingClock } from '../../../test/engine/scripted-run.ts';
import type { JsonObject, JsonValue } from '../model/json.ts';
import { parseTask, taskToJson } from './task-json.ts';
import { TaskStore } from './task-store.ts';

function stored(changes: JsonObject = {}): JsonObject {
  const tasks = new TaskStore({ clock: tickingClock(), ids: countingIds() });
  return {
    ...taskToJson(tasks.createRoot({ request: JSON.parse('{"__proto__": [1]}') as JsonValue })),
    ...changes,
  };
}

it('reads a task that can go on', () => {
  const parsed = parseTask(stored());
  if (parsed.kind === 'invalid') return expect.fail(parsed.issues.join('\n'));
  expect(JSON.stringify(taskToJson(parsed.task))).toBe(JSON.stringify(stored()));
  const { task } = parsed;
  const changing = [
    task,
    task.history,
    task.stage_results,
    task.routing_trace,
    task.failure_signatures,
    task.status_transitions,
    task.child_task_ids,
  ];
  expect(changing.some((part) => Object.isFrozen(part))).toBe(false);
});

it('keeps what it does not know and changes nothing', () => {
  const value = stored({ added_later: [1], current_output: '7' });
  const parsed = parseTask(value);
  expect(parsed.kind === 'task' && taskToJson(parsed.task)).toEqual(value);
});

it.each<[string, JsonValue]>([
  ['', null],
  ['', []],
  ['', 'task'],
  ['status', stored({ status: 'done' })],
  ['lifecycle', stored({ lifecycle: null })],
  ['task_id', stored({ task_id: '' })],
  ['history', stored({ history: {} })],
  ['history.0.seq', stored({ history: [{ seq: '1' }] })],
  ['stage_results', stored({ stage_results: [] })],
  ['stage_results.0', stored({ stage_results: JSON.parse('{"__proto__": 1}') as JsonValue })],
  ['spec', stored({ spec: 'text' })],
  ['project_memory_ref', stored({ project_memory_ref: 'elsewhere' })],
  ['child_task_ids.0', stored({ child_task_ids: [1] })],
])('names what is wrong: %s', (path, value) => {
  const parsed = parseTask(value);
  expect(parsed.kind === 'invalid' && parsed.issues.some((issue) => issue.startsWith(path))).toBe(true);
});

it('misses no field', () => {
  for (const field of Object.keys(stored())) {
    const value = Object.fromEntries(Object.entries(stored()).filter(([key]) => key !== field));
    expect(parseTask(value), field).toMatchObject({ kind: 'invalid' });
  }
});
