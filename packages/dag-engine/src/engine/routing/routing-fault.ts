import type { EngineErrorRecord } from '../model/error-record.ts';
import type { FailureSignature } from '../model/task.ts';
import type { FailureCode } from '../model/vocabulary.ts';

/** Why a task cannot go on, before it is known where and when. */
export interface RoutingFault {
  readonly id:
    | 'invalid_decision'
    | 'invalid_split_output'
    | 'invalid_output_type'
    | 'empty_subtask_inputs'
    | 'merge_upstream_failed'
    | 'merge_no_inputs'
    | 'children_failed'
    | 'exit_always_fail';
  readonly message: string;
}

export function routingError(
  { id, message }: RoutingFault,
  place: { readonly taskId: string; readonly stageId: string; readonly at: string },
): EngineErrorRecord {
  return {
    error_id: id,
    code: 'routing',
    message,
    source: 'router',
    severity: 'error',
    details: null,
    stage_id: place.stageId,
    task_id: place.taskId,
    timestamp: place.at,
  };
}

/** A failure as a task remembers it. */
export function failureSignatureOf(error: EngineErrorRecord): FailureSignature {
  return {
    code: failureCodeOf(error),
    message: error.message,
    stage_id: error.stage_id,
    severity: error.severity,
    metadata: { error_id: error.error_id },
  };
}

function failureCodeOf({ code, source }: EngineErrorRecord): FailureCode {
  if (source === 'memory') return 'context_miss';
  switch (code) {
    case 'timeout':
      return 'timeout';
    case 'json':
      return 'json_error';
    case 'tool':
    case 'security':
      return 'tool_failure';
    case 'routing':
      return 'plan_invalid';
    case 'validation':
    case 'config':
    case 'agent':
    case 'internal':
    case 'unknown':
      return 'unknown';
  }
}
