import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openScripted, runScripted, type FrontDoorRun } from './front-door-run.ts';
import { FRONT_DOOR_RUNS } from './property-runs.ts';
import { behaviour, configured, scriptOf, settings } from './random-behaviour.ts';
import { workflowShape } from './random-workflow.ts';
import { expectSoundRun } from './sound-run.ts';

/** The same as routing-properties.test.ts, from a directory, through everything an engine is made of. */
it('any workflow from a directory ends, whatever fails, with one record and one artifact of each execution', async () => {
  let failed = 0;
  await fc.assert(
    fc.asyncProperty(workflowShape, settings, behaviour, async (shape, chosen, behaves) => {
      const graph = configured(shape, chosen, 'nearest');
      const runs: FrontDoorRun[][] = [];
      for (let engine = 0; engine < 2; engine += 1) {
        await using opened = await openScripted(graph, scriptOf(graph, behaves));
        runs.push([await runScripted(opened.engine), await runScripted(opened.engine, { second: true })]);
        const ids = opened.engine.getAllTaskIds();
        expect(new Set(ids).size).toBe(ids.length);
        expect(ids).toHaveLength(opened.engine.getTaskCount());
      }
      const [first, again] = runs;
      expect(JSON.stringify(again)).toBe(JSON.stringify(first));
      for (const run of first!) {
        expectSoundRun(run, graph);
        expectKeptOnce(run);
        failed += run.result.status === 'failure' ? 1 : 0;
      }
    }),
    { numRuns: FRONT_DOOR_RUNS.workflows },
  );
  expect(failed).toBeGreaterThan(0);
  expect(failed).toBeLessThan(2 * FRONT_DOOR_RUNS.workflows);
}, 1_200_000);

/** What succeeded has its artifact, what gave nothing has none, and the result tells of every execution. */
function expectKeptOnce({ result, artifacts, tasks }: FrontDoorRun): void {
  const completed = result.trace.filter(({ status }) => status === 'completed');
  const keyOf = (task_id: string, node_id: string | null) => `${task_id} ${node_id}`;
  const kept = artifacts.filter(
    ({ metadata }) => metadata.additional_metadata['execution_status'] === 'completed',
  );
  expect(kept.map(({ metadata }) => keyOf(metadata.task_id, metadata.node_id))).toEqual(
    completed.map(({ task_id, node_id }) => keyOf(task_id, node_id)),
  );
  expect(result.node_sequence).toEqual(result.trace.map(({ node_id }) => node_id));
  expect(result.history).toEqual(tasks.getTask(result.task_id)?.history);
  expect(result.output).toEqual(tasks.getTask(result.task_id)?.current_output);
}
