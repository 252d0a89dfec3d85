import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { JsonValue } from '../../src/engine/model/json.ts';
import { MERGE_FAILURE_MODES, MERGE_STRATEGIES } from '../../src/engine/model/vocabulary.ts';
import { mergeOutputs } from '../../src/engine/routing/merge-outputs.ts';
import type { MergePayload } from '../../src/engine/routing/merge-payload.ts';
import { parseTask, taskToJson } from '../../src/engine/tasks/task-json.ts';
import { graphOf, type TestGraph } from './graph-of.ts';
import { deep, ROUTER_RUNS } from './property-runs.ts';
import { workflowShape, type Shape } from './random-workflow.ts';
import { FAILS, runScript, type Script, type ScriptedRun } from './scripted-run.ts';
import { expectSoundRun } from './sound-run.ts';

/** What the executable model leaves out: every node has settings of its own, joins may be declared. */
const settings = fc.array(
  fc.record({
    continue_on_failure: fc.boolean(),
    merge_failure_mode: fc.constantFrom(...MERGE_FAILURE_MODES),
    merge_strategy: fc.constantFrom(...MERGE_STRATEGIES),
    always_fail: fc.nat(5).map((digit) => digit === 0),
    join: fc.option(fc.nat(5), { nil: null }),
  }),
  { minLength: 3, maxLength: 18, size: 'max' },
);

type Settings = typeof settings extends fc.Arbitrary<infer Value> ? Value : never;

const behaviour = fc.record({
  failures: fc.array(
    fc.nat(4).map((digit) => digit === 0),
    { minLength: 1, maxLength: 30 },
  ),
  choices: fc.array(fc.nat(6), { minLength: 1, maxLength: 12 }),
});

type Behaviour = typeof behaviour extends fc.Arbitrary<infer Value> ? Value : never;

/** A join is any merge that every arm leads to; without a declaration the nearest. */
function configured(shape: Shape, chosen: Settings): TestGraph {
  const plain = graphOf(shape.nodes, shape.edges);
  const nodes = shape.nodes.map(([id, role], index) => {
    const { join, always_fail, ...rest } = chosen[index % chosen.length]!;
    const candidates = role === 'branch' || role === 'split' ? plain.commonMerges(id) : [];
    const named =
      join === null && !plain.ambiguous.includes(id) ? null : candidates[(join ?? 0) % candidates.length];
    return [id, role, { ...rest, always_fail: role === 'exit' && always_fail, join: named ?? null }] as const;
  });
  return graphOf(nodes, shape.edges);
}

/** Outputs of all kinds, some of which cannot be routed on. */
function scriptOf(graph: TestGraph, { failures, choices }: Behaviour): Script {
  return ({ node, seq, input }): JsonValue | typeof FAILS => {
    const choice = choices[seq % choices.length]!;
    if (failures[seq % failures.length]) return FAILS;
    switch (node.role) {
      case 'decision': {
        const edges = graph.outEdges(node.id);
        return choice === 6 ? { nothing: 1 } : { next: edges[choice % edges.length]!.to, seq };
      }
      case 'split':
        return choice === 6 ? { subtask_inputs: [] } : Array.from({ length: 1 + (choice % 4) }, (_, i) => i);
      case 'merge':
        return mergeOutputs(node.merge_strategy, input as MergePayload);
      case 'start':
      case 'linear':
      case 'branch':
      case 'exit':
        return choice === 6 ? null : seq;
    }
  };
}

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
