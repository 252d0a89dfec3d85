import { isoTime } from '../model/engine-ports.ts';
import { deepFreeze } from '../model/json.ts';
import type { StageExecutionRecord } from '../model/stage-record.ts';
import { describeThrown, type Failure } from '../tools/failure.ts';
import type { Stage, StageEnd } from './stage.ts';

/**
 * Keeps what a node gave (artifact, and memory if it succeeded), records how it ended and then says so. A node whose
 * output cannot be kept has failed. Never rejects.
 */
export async function concludeStage(stage: Stage, end: StageEnd): Promise<StageExecutionRecord> {
  const attempted = recordOf(stage, end);
  const problem = end.output === undefined ? null : await keep(stage, attempted);
  const record =
    problem === null ? attempted : recordOf(stage, { ...end, failure: unkept(end.failure, problem) });
  if (record.error === null) {
    stage.emit('node_completed', { output: record.output, status: record.node_status });
  } else {
    stage.emit('node_failed', { error: record.error });
  }
  return record;
}

function recordOf(stage: Stage, { output = null, failure }: StageEnd): StageExecutionRecord {
  const { visit, parts, context, plan, session, startedAt } = stage;
  const { task, node, seq, input } = visit;
  const hasContext = node.context !== 'none';
  return deepFreeze({
    task_id: task.task_id,
    seq,
    attempt: 1,
    node_id: node.id,
    node_role: node.role,
    node_kind: node.kind,
    input,
    output,
    error: failure === null ? null : stage.record(failure),
    node_status: failure === null ? 'completed' : 'failed',
    tool_plan: plan,
    tool_calls: [...session.records],
    context_profile_id: hasContext ? (context?.metadata?.profile_id ?? node.context) : null,
    context_metadata: context?.metadata ?? null,
    started_at: startedAt,
    completed_at: isoTime(parts.clock),
  });
}

/** Gives what went wrong. */
async function keep({ parts, visit }: Stage, record: StageExecutionRecord): Promise<string | null> {
  const { outputs_schema_id: schema } = visit.node;
  try {
    parts.artifacts.add({
      task_id: record.task_id,
      node_id: record.node_id,
      artifact_type: 'node_output',
      schema_ref: record.error === null && typeof schema === 'string' ? schema : null,
      additional_metadata: {
        node_role: record.node_role,
        node_kind: record.node_kind,
        execution_status: record.node_status,
      },
      payload: record.output,
    });
    if (record.error === null) await parts.memory.remember(visit.task, record);
    return null;
  } catch (thrown) {
    return describeThrown(thrown);
  }
}

function unkept(failure: Failure | null, problem: string): Failure {
  const said = `the output could not be kept: ${problem}`;
  if (failure !== null) return { ...failure, message: `${failure.message}; ${said}` };
  return { error_id: 'output_not_kept', code: 'internal', message: said, source: 'runtime' };
}
