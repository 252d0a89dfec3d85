import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { JsonValue } from '../../src/engine/model/json.ts';
import { parseTask, taskToJson } from '../../src/engine/tasks/task-json.ts';
import { deep, ROUTER_RUNS } from './property-runs.ts';
import { behaviour, configured, scriptOf, settings } from './random-behaviour.ts';
import { workflowShape } from './random-workflow.ts';
import { runScript, type Script, type ScriptedRun } from './scripted-run.ts';
import { expectSoundRun } from './sound-run.ts';

it('ends every task once, whatever fails, continues or is declared', async () => {
  let degraded = 0;
  await fc.assert(
    fc.asyncProperty(workflowShape, settings, behaviour, async (shape, chosen, behaves) => {
      const graph = configured(shape, chosen);
      const run = await runScript(graph, scriptOf(graph, behaves));
      expectSoundRun(run, graph);
      const again = await runScript(graph, scriptOf(graph, behaves));
      expect(JSON.stringify(stateOf(again))).toBe(JSON.stringify(stateOf(run)));
      if (run.root.status === 'partial') degraded += 1;
    }),
    { numRuns: ROUTER_RUNS },
  );
  expect(degraded).toBeGreaterThan(ROUTER_RUNS / 20);
}, 1_200_000);

it('runs nothing after an abort and leaves nothing open', async () => {
  await fc.assert(
    fc.asyncProperty(
      workflowShape,
      settings,
      behaviour,
      fc.integer({ min: 0, max: 20 }),
      async (...given) => {
        const [shape, chosen, behaves, abortAfter] = given;
        const graph = configured(shape, chosen);
        const script = scriptOf(graph, behaves);
        const controller = new AbortController();
        if (abortAfter === 0) controller.abort();
        const aborting: Script = (visit) => {
          if (visit.seq === abortAfter) controller.abort();
          return script(visit);
        };
        const run = await runScript(graph, aborting, { signal: controller.signal });
        if (!controller.signal.aborted) return expectSoundRun(run, graph);
        expect(run.trace).toHaveLength(abortAfter);
        expectAllEndedOnce(run);
      },
    ),
    { numRuns: deep ? 20_000 : 500 },
  );
}, 1_200_000);

it('writes every task of a run as data and reads it back', async () => {
  await fc.assert(
    fc.asyncProperty(workflowShape, settings, behaviour, async (shape, chosen, behaves) => {
      const graph = configured(shape, chosen);
      const { tasks } = await runScript(graph, scriptOf(graph, behaves));
      for (const task of tasks.getAllTasks()) {
        const stored = JSON.parse(JSON.stringify(taskToJson(task))) as JsonValue;
        expect(parseTask(stored)).toEqual({ kind: 'task', task });
      }
    }),
    { numRuns: deep ? 5_000 : 200 },
  );
}, 1_200_000);

function stateOf({ events, tasks, trace }: ScriptedRun) {
  return { events, trace, tasks: tasks.getAllTasks().map(taskToJson) };
}

/** Exactly one end for each task, that of a parent after those of its children. */
function expectAllEndedOnce({ events, tasks }: ScriptedRun): void {
  const ends = events.filter((event) => event.name === 'task_completed').map((event) => event.task_id);
  expect(ends.toSorted()).toEqual(
    tasks
      .getAllTasks()
      .map((task) => task.task_id)
      .toSorted(),
  );
  for (const task of tasks.getAllTasks()) {
    expect(task.lifecycle).toBe('concluded');
    expect(['completed', 'partial', 'failed', 'cancelled']).toContain(task.status);
    if (task.status !== 'cancelled') continue;
    const parent = ends.indexOf(task.task_id);
    for (const child of task.child_task_ids) expect(ends.indexOf(child)).toBeLessThan(parent);
  }
}
