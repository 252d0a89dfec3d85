import { expect, it } from 'vitest';
import type { ArtifactRecord } from '../model/artifact.ts';
import type { EngineEvent } from '../model/engine-event.ts';
import { deepFreeze, type JsonValue } from '../model/json.ts';
import type { StageExecutionRecord } from '../model/stage-record.ts';
import type { Task, TaskView } from '../model/task.ts';
import { Inspector } from './inspector.ts';

const START = '2030-01-01T00:00:00.000Z';
const END = '2030-01-01T00:00:02.500Z';

function record(seq: number, node_id: string, output: JsonValue, failed = false): StageExecutionRecord {
  return {
    task_id: 't',
    seq,
    attempt: 1,
    node_id,
    node_role: 'linear',
    node_kind: 'deterministic',
    input: 'in',
    output,
    error: failed ? ({ error_id: 'boom' } as never) : null,
    node_status: failed ? 'failed' : 'completed',
    tool_plan: null,
    tool_calls: [],
    context_profile_id: node_id === 'b' ? 'global_default' : null,
    context_metadata:
      node_id === 'b'
        ? { items_count: 1, total_tokens: 2, profile_id: 'global_default', dropped_count: 0 }
        : null,
    started_at: START,
    completed_at: END,
  };
}

function aTask(task_id: string, fields: Partial<Task> = {}): Task {
  return {
    task_id,
    spec: {} as Task['spec'],
    lifecycle: 'concluded',
    status: 'partial',
    current_stage_id: null,
    current_output: { done: true },
    stage_results: {},
    history: [],
    routing_trace: [],
    failure_signatures: [],
    status_transitions: [{ status: 'pending', timestamp: START }],
    context_fingerprint: null,
    parent_task_id: null,
    lineage_type: null,
    lineage_metadata: {},
    task_memory_ref: '',
    project_memory_ref: '',
    global_memory_ref: '',
    created_at: START,
    updated_at: END,
    child_task_ids: [],
    ...fields,
  };
}

function createInspector() {
  const history = [record(1, 'a', 'A'), record(4, 'b', 'B', true), record(5, 'c', null)];
  const tasks = new Map(
    [
      aTask('t', { history, child_task_ids: ['t-clone-0', 'forgotten', 't-clone-1'] }),
      aTask('t-clone-0', {
        lineage_type: 'clone',
        status: 'completed',
        child_task_ids: ['t-clone-0-subtask-0'],
      }),
      aTask('t-clone-0-subtask-0', { lineage_type: 'subtask' }),
      aTask('t-clone-1', { lineage_type: 'clone', status: 'failed' }),
    ].map((task) => [task.task_id, deepFreeze(task) as TaskView]),
  );
  const artifact = (
    artifact_type: ArtifactRecord['metadata']['artifact_type'],
    node_id: string,
  ): ArtifactRecord => {
    const rest = {
      artifact_id: node_id,
      task_id: 't',
      timestamp: END,
      schema_ref: null,
      additional_metadata: {},
    };
    return { metadata: { ...rest, artifact_type, node_id }, payload: { of: node_id } };
  };
  const event = (stage_id: string, payload: EngineEvent['payload']) =>
    ({ stage_id, timestamp: END, payload }) as EngineEvent;
  return new Inspector({
    tasks: { view: (id) => tasks.get(id) },
    artifacts: {
      byTask: (id) => (id === 't' ? [artifact('node_output', 'a'), artifact('tool_result', 'a')] : []),
    },
    events: {
      byTask: (id) =>
        id === 't' ? [event('a', { event: 'x' }), event('b', { error: { error_id: 'boom' } })] : [],
    },
  });
}

it('tells the history of a task', () => {
  const execution = { started_at: START, completed_at: END };
  expect(createInspector().getTaskHistory('t')).toEqual({
    task_id: 't',
    created_at: START,
    updated_at: END,
    current_status: 'partial',
    status_transitions: [{ status: 'pending', timestamp: START }],
    stage_executions: [
      { stage_id: 'a', status: 'completed', ...execution },
      { stage_id: 'b', status: 'failed', ...execution },
      { stage_id: 'c', status: 'completed', ...execution },
    ],
  });
});

it('sums a task up', () => {
  expect(createInspector().getTaskSummary('t')).toEqual({
    task_id: 't',
    status: 'partial',
    lifecycle: 'concluded',
    created_at: START,
    updated_at: END,
    duration_ms: 2500,
    stage_count: 3,
    completed_stages: 2,
    has_errors: true,
    current_output: { done: true },
  });
});

it('shows what a task produced and what went wrong', () => {
  const inspector = createInspector();
  expect(inspector.getTaskArtifacts('t')).toEqual({
    task_id: 't',
    artifacts: [
      { type: 'stage_output', stage_id: 'a', data: { of: 'a' } },
      { type: 'tool_result', stage_id: 'a', data: { of: 'a' } },
      { type: 'task_output', data: { done: true } },
    ],
  });
  expect(inspector.getTaskEvents('t')).toEqual({
    task_id: 't',
    events: [{ type: 'error', stage_id: 'b', error: { error_id: 'boom' }, timestamp: END }],
  });
});

it('draws the lineage of a task as a tree', () => {
  expect(createInspector().getLineage('t')).toEqual({
    task_id: 't',
    status: 'partial',
    lineage_type: null,
    children: [
      {
        task_id: 't-clone-0',
        status: 'completed',
        lineage_type: 'clone',
        children: [
          { task_id: 't-clone-0-subtask-0', status: 'partial', lineage_type: 'subtask', children: [] },
        ],
      },
      { task_id: 't-clone-1', status: 'failed', lineage_type: 'clone', children: [] },
    ],
  });
});

it('says what an execution could read', () => {
  const inspector = createInspector();
  expect(inspector.getContext('t', 4)).toMatchObject({
    profile_id: 'global_default',
    metadata: { items_count: 1 },
  });
  expect(inspector.getContext('t', 1)).toEqual({ profile_id: null, metadata: null });
  expect(inspector.getContext('t', 2)).toBeNull();
});

it('steps through a recorded history, forwards and backwards, without changing it', () => {
  const replay = createInspector().replay('t')!;
  const shown = (step: ReturnType<typeof replay.next>) =>
    step && [step.record.node_id, step.output_before, step.output_after];
  expect([replay.length, replay.current]).toEqual([3, null]);
  expect([replay.next(), replay.next(), replay.next(), replay.next(), replay.next()].map(shown)).toEqual([
    ['a', 'in', 'A'],
    ['b', 'A', 'A'],
    ['c', 'A', null],
    null,
    null,
  ]);
  expect([replay.previous(), replay.previous()].map(shown)).toEqual([
    ['c', 'A', null],
    ['b', 'A', 'A'],
  ]);
  replay.rewind();
  expect(replay.previous()).toBeNull();
  expect(shown(replay.next())).toEqual(['a', 'in', 'A']);
});

it('knows nothing of an unknown task', () => {
  const inspector = createInspector();
  expect([
    inspector.getTask('x'),
    inspector.getTaskHistory('x'),
    inspector.getTaskArtifacts('x'),
    inspector.getTaskEvents('x'),
    inspector.getTaskSummary('x'),
    inspector.getLineage('x'),
    inspector.getContext('x', 1),
    inspector.replay('x'),
  ]).toEqual([
    null,
    {},
    { task_id: 'x', artifacts: [] },
    { task_id: 'x', events: [] },
    null,
    null,
    null,
    null,
  ]);
});
