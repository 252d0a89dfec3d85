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
  const { parts, visit } = stage;
  const attempted = { end, record: recordOf(stage, end) };
  const forgotten =
    end.failure === null ? await problemOf(() => parts.memory.remember(visit.task, attempted.record)) : null;
  const remembered = withProblem(stage, attempted, forgotten);
  // The artifact comes last: it says how the node ended.
  const unstored = end.output === undefined ? null : await problemOf(() => store(stage, remembered.record));
  const { record } = withProblem(stage, remembered, unstored);
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

/** A stage that ended, and its record. */
interface Concluded {
  readonly end: StageEnd;
  readonly record: StageExecutionRecord;
}

/** What could not be kept fails the node. */
function withProblem(stage: Stage, concluded: Concluded, problem: string | null): Concluded {
  if (problem === null) return concluded;
  const end = { ...concluded.end, failure: unkept(concluded.end.failure, problem) };
  return { end, record: recordOf(stage, end) };
}

async function problemOf(keep: () => Promise<void> | void): Promise<string | null> {
  try {
    await keep();
    return null;
  } catch (thrown) {
    return describeThrown(thrown);
  }
}

function store({ parts, visit }: Stage, record: StageExecutionRecord): void {
  const { outputs_schema_id: schema } = visit.node;
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
}

function unkept(failure: Failure | null, problem: string): Failure {
  const said = `the output could not be kept: ${problem}`;
  if (failure !== null) return { ...failure, message: `${failure.message}; ${said}` };
  return { error_id: 'output_not_kept', code: 'internal', message: said, source: 'runtime' };
}
