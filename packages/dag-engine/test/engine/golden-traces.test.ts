import { describe, expect, it } from 'vitest';
import { node, workflow } from './config-directory.ts';
import { runAtFrontDoor } from './front-door-run.ts';
import {
  branchAndMerge,
  crossed,
  decisionFanIn,
  decisionInArm,
  failing,
  fourArms,
  linear,
  longArms,
  nestedBranches,
  sharedMerge,
  twoExits,
} from './golden-workflows.ts';
import type { TestGraph } from './graph-of.ts';
import { eventLines, runOnce, scriptedModel } from './open-engine.ts';
import { nodeLines, runScript, traceLines, type Script, type TracedRun } from './scripted-run.ts';

type Run = (graph: TestGraph, script?: Script) => Promise<TracedRun>;

describe.each<[string, Run]>([
  ['the router', runScript],
  ['the engine at its front door', runAtFrontDoor],
])('%s', (_name, run) => {
  it('tells a linear run', async () => {
    expect(traceLines(await run(linear))).toEqual([
      'task_started',
      'node_started@start',
      'node_completed@start',
      'routing_decision@start',
      'node_started@l',
      'node_completed@l',
      'routing_decision@l',
      'node_started@exit',
      'node_completed@exit',
      'task_completed',
    ]);
  });

  it('tells a branch whose arms merge: clones end right after the merge', async () => {
    expect(traceLines(await run(branchAndMerge()))).toEqual([
      'task_started',
      'node_started@start',
      'node_completed@start',
      'routing_decision@start',
      'node_started@b',
      'node_completed@b',
      'routing_branch@b',
      'clone_created@b',
      'clone_created@b',
      'node_started@l1[clone-0]',
      'node_completed@l1[clone-0]',
      'routing_decision@l1[clone-0]',
      'node_started@l2[clone-1]',
      'node_completed@l2[clone-1]',
      'routing_decision@l2[clone-1]',
      'routing_merge@m',
      'node_started@m',
      'node_completed@m',
      'task_completed[clone-0]',
      'task_completed[clone-1]',
      'routing_decision@m',
      'node_started@exit',
      'node_completed@exit',
      'task_completed',
    ]);
  });

  it('tells a failure: nothing comes after it', async () => {
    const ran = await run(linear, failing('l'));
    expect(traceLines(ran).slice(4)).toEqual([
      'node_started@l',
      'node_failed@l',
      'task_failed',
      'task_completed',
    ]);
    expect(ran.events.at(-1)?.payload).toMatchObject({ status: 'failure', lifecycle: 'concluded' });
    expect(ran.error).toMatchObject({ error_id: 'scripted_failure', stage_id: 'l' });
  });

  it('tells a merge that is refused', async () => {
    const ran = await run(branchAndMerge(), failing('l2'));
    expect(traceLines(ran).slice(12)).toEqual([
      'node_started@l2[clone-1]',
      'node_failed@l2[clone-1]',
      'task_failed[clone-1]',
      'task_completed[clone-1]',
      'routing_merge@m',
      'node_started@m',
      'node_failed@m',
      'task_completed[clone-0]',
      'task_failed',
      'task_completed',
    ]);
    expect(ran.error).toMatchObject({ error_id: 'merge_upstream_failed', code: 'routing', stage_id: 'm' });
  });

  it('tells a decision that selects nothing as a failure of the node', async () => {
    const ran = await run(twoExits, ({ node }) => (node.id === 'd' ? { selected_edge: 'Z' } : null));
    expect(traceLines(ran).slice(4)).toEqual([
      'node_started@d',
      'node_failed@d',
      'task_failed',
      'task_completed',
    ]);
    expect(ran.error).toMatchObject({ error_id: 'invalid_decision', code: 'routing' });
    expect(ran.error?.message).toContain('A, B');
    expect(ran.root.history.at(-1)).toMatchObject({ node_id: 'd', node_status: 'failed' });
  });

  it('interleaves arms breadth first', async () => {
    const ran = await run(longArms);
    expect(ran.trace.map((entry) => entry.node_id).slice(2, 6)).toEqual(['a1', 'b1', 'a2', 'b2']);
  });

  it('joins nested branches each at its own merge', async () => {
    expect(nodeLines(await run(nestedBranches))).toEqual([
      'start',
      'B1',
      'B2(clone-0)',
      'r(clone-1)',
      'p(clone-0-clone-0)',
      'q(clone-0-clone-1)',
      'mi(clone-0){clone-0-clone-0,clone-0-clone-1}',
      'mo{clone-0,clone-1}',
      'x',
    ]);
  });

  it('joins nested branches that share a merge once, on the outer parent', async () => {
    const ran = await run(sharedMerge);
    expect(nodeLines(ran).slice(6)).toEqual(['mo{clone-0-clone-0,clone-0-clone-1,clone-1}', 'x']);
    const ends = traceLines(ran).filter((line) => line.startsWith('task_completed'));
    expect(ends).toEqual([
      'task_completed[clone-0-clone-0]',
      'task_completed[clone-0-clone-1]',
      'task_completed[clone-0]',
      'task_completed[clone-1]',
      'task_completed',
    ]);
    for (const task of ran.tasks.getAllTasks().slice(1)) {
      expect(task.lineage_metadata['merged_into']).toEqual({ task_id: ran.root.task_id, node_id: 'mo' });
    }
  });

  it('joins some of the arms on the first of them', async () => {
    expect(nodeLines(await run(fourArms)).slice(6)).toEqual([
      'm1(clone-0){clone-0,clone-1}',
      'm2(clone-2){clone-2,clone-3}',
      'm3{clone-0,clone-2}',
      'x',
    ]);
  });

  it('closes a decision inside an arm on the clone alone', async () => {
    const ran = await run(decisionInArm, ({ node, input }) => (node.id === 'd' ? 'a2' : input));
    expect(nodeLines(ran)).toEqual([
      'start',
      'b',
      'd(clone-0)',
      'r(clone-1)',
      'a2(clone-0)',
      'm1(clone-0){clone-0}',
      'm2{clone-0,clone-1}',
      'x',
    ]);
  });

  it('runs the merge behind a decision once, with one input', async () => {
    const ran = await run(decisionFanIn, ({ node, input }) =>
      node.id === 'd' ? { selected_edge: 'B' } : input,
    );
    expect(nodeLines(ran)).toEqual(['S', 'd', 'b', 'm{root}', 'X']);
  });

  it('joins at the merge a branch names', async () => {
    const toTheSecond: Script = ({ node, input }) => (node.role === 'decision' ? 'm2' : input);
    expect(nodeLines(await run(crossed('m2'), toTheSecond)).slice(4)).toEqual(['m2{clone-0,clone-1}', 'x']);
    expect(nodeLines(await run(crossed('m1'), toTheSecond)).slice(4)).toEqual([
      'm2(clone-0){clone-0,clone-1}',
      'x(clone-0)',
    ]);
  });

  it.each([
    ['fail_on_any', false, 'failed', 'm{clone-0}!'],
    ['fail_on_any', true, 'partial', 'm{clone-0}'],
    ['ignore_failures', false, 'completed', 'm{clone-0}'],
    ['partial', false, 'partial', 'm{clone-0}'],
  ] as const)('%s (continue: %s) with a failed arm is %s', async (mode, goesOn, status, line) => {
    const graph = branchAndMerge({ merge_failure_mode: mode, continue_on_failure: goesOn });
    const ran = await run(graph, failing('l2'));
    expect(nodeLines(ran)[4]).toBe(line);
    expect(ran.root.status).toBe(status);
    expect(ran.root.history.find((record) => record.node_id === 'm')?.input).toMatchObject({
      merge_inputs: [{ node_id: 'l1', node_status: 'completed', stage_result_index: 0 }],
      merge_failures: [{ node_id: 'l2', node_status: 'failed' }],
    });
  });

  it.each(['fail_on_any', 'ignore_failures', 'partial'] as const)(
    '%s with nothing but failures refuses the merge, unless it may go on',
    async (mode) => {
      const halted = await run(branchAndMerge({ merge_failure_mode: mode }), failing('l1', 'l2'));
      expect([halted.root.status, halted.error?.error_id]).toEqual(['failed', 'merge_no_inputs']);
      const goesOn = { merge_failure_mode: mode, continue_on_failure: true };
      const ran = await run(branchAndMerge(goesOn), failing('l1', 'l2'));
      expect(nodeLines(ran).slice(4)).toEqual(['m{}!', 'exit']);
      expect([ran.root.status, ran.root.current_output]).toEqual(['partial', 'request']);
    },
  );
});

it('tells an agent that uses a tool', async () => {
  const agent = {
    kind: 'agent',
    agent_id: 'writer',
    context: 'global',
    tools: ['read_file'],
  };
  const nodes = [
    node('start', 'start', { default_start: true }),
    node('a', 'linear', agent),
    node('exit', 'exit'),
  ];
  const llmFactory = scriptedModel(() => ({
    main_result: 'read',
    tool_plan: { steps: [{ tool_id: 'read_file', inputs: { path: 'config/workflow.yaml' } }] },
  }));
  const files = { 'workflow.yaml': workflow(nodes, ['start>a', 'a>exit']) };
  expect(eventLines(await runOnce(files, 'go', { llmFactory }))).toEqual([
    'task_started',
    'node_started@start',
    'node_completed@start',
    'routing_decision@start',
    'node_started@a',
    'context_assembled@a',
    'tool_invoked@a',
    'tool_completed@a',
    'node_completed@a',
    'routing_decision@a',
    'node_started@exit',
    'node_completed@exit',
    'task_completed',
  ]);
});
