import type { EngineErrorRecord, QueueResult } from '@agentswarm/dag-engine/engine';

/** What came of a line that never became a task: a result as the queue's own are, without ids. */
export type RefusedLine = Omit<QueueResult, 'task_id' | 'engine_task_id' | 'error'> & {
  readonly task_id: null;
  readonly engine_task_id: null;
  readonly error: EngineErrorRecord;
};

/** The failed result of line `line` of standard input. */
export function refusedLine(line: number, message: string): RefusedLine {
  const error: EngineErrorRecord = {
    error_id: 'input_not_json',
    code: 'json',
    message,
    source: 'scheduler',
    severity: 'error',
    details: { line },
    stage_id: null,
    task_id: null,
    timestamp: null,
  };
  return { task_id: null, engine_task_id: null, status: 'failure', output: null, history: [], error };
}
