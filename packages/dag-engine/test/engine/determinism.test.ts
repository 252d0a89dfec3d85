import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EngineOptions, JsonValue } from '../../src/engine.ts';
import { node, workflow } from './config-directory.ts';
import { recordsOf, runAtFrontDoor, type FrontDoorRun } from './front-door-run.ts';
import { GOLDEN } from './golden-workflows.ts';
import { FRONT_DOOR_RUNS } from './property-runs.ts';
import { fixedClock, numberedIds, openEngine, scriptedModel } from './open-engine.ts';

/** Everything a run leaves behind, as bytes. */
function bytesOf({ result, events, artifacts, tasks }: FrontDoorRun): string {
  return JSON.stringify({ result, events, artifacts, tasks: tasks.getAllTasks() });
}

describe('two engines leave the same bytes:', () => {
  it.each(GOLDEN)('%s', async (_name, graph, script) => {
    const [one, other] = [await runAtFrontDoor(graph, script), await runAtFrontDoor(graph, script)];
    expect(one.result.trace.length).toBeGreaterThan(1);
    expect(bytesOf(other)).toBe(bytesOf(one));
  });
});

/** A workflow of everything: agents with tools and context, clones, subtasks, failures, a memory file. */
const files = {
  'workflow.yaml': workflow(
    [
      node('start', 'start', { default_start: true }),
      node('plan', 'decision', { kind: 'agent', agent_id: 'writer', context: 'global' }),
      node('br', 'branch'),
      node('sp', 'split'),
      node('ask', 'linear', { kind: 'agent', agent_id: 'writer', context: 'global', tools: ['slow'] }),
      node('work', 'linear', { continue_on_failure: true }),
      node('part', 'linear', { tools: ['slow'] }),
      node('join', 'merge', { merge_failure_mode: 'partial', merge: { strategy: 'list' } }),
      node('close', 'merge', { kind: 'agent', agent_id: 'writer', context: 'global' }),
      node('exit', 'exit'),
    ],
    [
      'start>plan',
      'plan>br:clones',
      'plan>sp:parts',
      'br>ask',
      'br>work',
      'ask>join',
      'work>join',
      'sp>part',
      'join>close',
      'part>close',
      'close>exit',
    ],
  ),
  'tools.yaml': { tools: [{ id: 'slow', type: 'own', entrypoint: 'own:slow' }] },
  'memory.yaml': { memory: { task_store: { backend: 'file' } } },
};

type Wait = (what: string) => Promise<void>;

/** The same answers whenever they come; `wait` decides when. */
function optionsWith(wait: Wait): EngineOptions {
  const answer = scriptedModel(({ agent_stage, input }) => {
    if (agent_stage === 'plan')
      return {
        route: (input as { n: number }).n % 2 === 0 ? 'clones' : 'parts',
        ...(input as object),
        subtask_inputs: [1, 2, 3],
      };
    const tool_plan = { steps: [{ tool_id: 'slow', inputs: { of: agent_stage } }] };
    return { main_result: { from: agent_stage, input }, ...(agent_stage === 'ask' ? { tool_plan } : {}) };
  });
  return {
    clock: fixedClock,
    llmFactory: (...given) => {
      const client = answer(...given);
      return {
        generate: async (request) => {
          await wait(request.prompt);
          return await client?.generate(request);
        },
      };
    },
    handlers: {
      slow: async (inputs) => {
        await wait(JSON.stringify(inputs));
        return { echo: inputs };
      },
    },
    deterministicOps: {
      work: async (_task, _node, { input }) => {
        await wait(JSON.stringify(input));
        return (input as { n: number }).n % 4 === 0 ? { error: 'not this one' } : { output: input };
      },
      part: async (_task, _node, { input, callTool }) => {
        const reply = await callTool('slow', { input });
        return { output: { input, status: reply.status } };
      },
    },
  };
}

interface Queued {
  readonly inputs: readonly JsonValue[];
  readonly maxConcurrency: number;
  readonly wait: Wait;
  readonly firstId?: number;
}

/** Queues the inputs, runs them all, and takes down as bytes what each run left. */
async function runAll({ inputs, maxConcurrency, wait, firstId = 1 }: Queued): Promise<readonly string[]> {
  const scheduler = { 'scheduler.yaml': { scheduler: { max_concurrency: maxConcurrency } } };
  const options = { ...optionsWith(wait), idGenerator: numberedIds(firstId), checkpoint: 'never' as const };
  await using opened = await openEngine({ ...files, ...scheduler }, options);
  const { engine } = opened;
  for (const input of inputs) engine.enqueue(input);
  const results = await engine.runQueued();
  return results.map(({ engine_task_id, output, history, status, error }) =>
    // The digest of the manifests names how many may run at once.
    JSON.stringify({ status, output, history, error, ...recordsOf(engine, engine_task_id!) }).replaceAll(
      engine.getMetadata().manifest_digest,
      'digest',
    ),
  );
}

/** A run takes its ids when it begins, so what it is called depends on its place in the queue only. */
const IDS_PER_RUN = 3;

it('leaves the same bytes of each run, however runs beside it take turns', async () => {
  const inputs = fc.array(fc.record({ n: fc.nat(7), said: fc.string() }), { minLength: 2, maxLength: 4 });
  let interleaved = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      inputs,
      fc.integer({ min: 2, max: 4 }),
      async (scheduler, given, most) => {
        const order: string[] = [];
        const wait: Wait = async (who) => {
          await scheduler.schedule(Promise.resolve(), who);
          order.push(who);
        };
        const together = await scheduler.waitFor(runAll({ inputs: given, maxConcurrency: most, wait }));
        if (order.some((who, index) => order.indexOf(who) < index && order[index - 1] !== who))
          interleaved += 1;
        for (const [index, input] of given.entries()) {
          const firstId = given.length + IDS_PER_RUN * index;
          const [alone] = await runAll({ inputs: [input], maxConcurrency: 1, wait: async () => {}, firstId });
          expect(together[index]).toBe(alone);
        }
      },
    ),
    { numRuns: FRONT_DOOR_RUNS.interleavings },
  );
  expect(interleaved).toBeGreaterThan(0);
});
