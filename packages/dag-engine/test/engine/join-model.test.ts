import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { JsonValue } from '../../src/engine/model/json.ts';
import { MERGE_FAILURE_MODES } from '../../src/engine/model/vocabulary.ts';
import { graphOf, type TestGraph } from './graph-of.ts';
import { hasPython, startJoinModel, type JoinCase } from './join-model.ts';
import { deep, ROUTER_RUNS } from './property-runs.ts';
import { workflowShape } from './random-workflow.ts';
import { expectSoundRun } from './sound-run.ts';
import { FAILS, mergeInputs, runScript, type Script, type ScriptedRun } from './scripted-run.ts';

const joinCase: fc.Arbitrary<JoinCase> = fc
  .tuple(
    workflowShape,
    fc.record({
      mode: fc.constantFrom(...MERGE_FAILURE_MODES),
      subtasks: fc.integer({ min: 1, max: 3 }),
      failures: fc.oneof(
        fc.constant([false]),
        fc.array(
          fc.nat(9).map((digit) => digit === 0),
          { minLength: 7, maxLength: 40 },
        ),
        fc.array(
          fc.nat(2).map((digit) => digit === 0),
          { minLength: 7, maxLength: 40 },
        ),
      ),
      choices: fc.array(fc.nat(5), { minLength: 1, maxLength: 12 }),
    }),
  )
  .map(([shape, rest]) => ({ ...shape, ...rest }));

function scriptOf(graph: TestGraph, { failures, choices, subtasks }: JoinCase): Script {
  let decided = 0;
  return ({ node, seq }): JsonValue | typeof FAILS => {
    if (failures[(seq - 1) % failures.length]) return FAILS;
    if (node.role === 'split') return { subtask_inputs: Array.from({ length: subtasks }, (_, i) => i) };
    if (node.role !== 'decision') return { by: node.id, seq };
    const choice = choices[decided % choices.length] ?? 0;
    decided += 1;
    const edges = graph.outEdges(node.id);
    return { route: edges[choice % edges.length]!.to };
  };
}

/** A run as the model tells it. */
function told({ root, tasks, trace }: ScriptedRun) {
  const short = (id: string) =>
    id.replace(root.task_id, 't').replaceAll('-clone-', '-c').replaceAll('-subtask-', '-s');
  const flag = (status: string) => status.toUpperCase();
  const executed = new Set(trace.map((entry) => entry.task_id));
  const ended = tasks
    .getAllTasks()
    .filter((task) => executed.has(task.task_id) && !Object.hasOwn(task.lineage_metadata, 'merged_into'));
  return {
    state: root.lifecycle === 'concluded' ? 'done' : root.lifecycle,
    flag: flag(root.status),
    trace: trace.map(({ task_id, node_id, seq }) => {
      const record = tasks.getTask(task_id)!.history.find((candidate) => candidate.seq === seq)!;
      if (record.error?.error_id.startsWith('merge_')) return [short(task_id), node_id, 'MERGE_FAIL'];
      return [short(task_id), node_id, record.node_role === 'merge' ? mergeInputs(record).map(short) : null];
    }),
    tasks: Object.fromEntries(ended.map((task) => [short(task.task_id), flag(task.status)])),
  };
}

it('joins as the executable model of the join rules does', async (context) => {
  if (!hasPython()) return context.skip('python3 is not installed');
  await using model = startJoinModel();
  const seen = { ambiguous: 0, routed: 0, merged: 0 };
  await fc.assert(
    fc.asyncProperty(joinCase, async (given) => {
      const expected = await model.answer(given);
      const graph = graphOf(
        given.nodes.map(([id, role]) => [id, role, { merge_failure_mode: given.mode }]),
        given.edges,
      );
      expect(graph.ambiguous.length > 0).toBe(expected.ambiguous !== undefined);
      if (expected.ambiguous !== undefined) {
        seen.ambiguous += 1;
        return;
      }
      const run = await runScript(graph, scriptOf(graph, given));
      expect(told(run)).toEqual(expected);
      expectSoundRun(run, graph);
      const again = await runScript(graph, scriptOf(graph, given));
      expect(JSON.stringify(again.events)).toBe(JSON.stringify(run.events));
      seen.routed += 1;
      if (run.events.some((event) => event.name === 'routing_merge')) seen.merged += 1;
    }),
    { numRuns: ROUTER_RUNS },
  );
  // The cases are not the trivial ones.
  expect(seen.routed).toBeGreaterThan(deep ? 50_000 : 3_000);
  expect(seen.merged).toBeGreaterThan(seen.routed / 4);
}, 1_200_000);
