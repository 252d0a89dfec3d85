import type { Engine, RunResult, StageExecutionRecord } from '@agentswarm/dag-engine/engine';

/** What went wrong in a run, over its whole lineage and in the order it happened. */
export interface RunFailures {
  readonly nodes: readonly StageExecutionRecord[];
  /** Records with tool calls that failed without failing their node. */
  readonly tools: readonly StageExecutionRecord[];
}

/** Looks through the tasks of a run. */
export function findFailures(engine: Pick<Engine, 'getTask'>, { trace }: RunResult): RunFailures {
  const taskIds = [...new Set(trace.map(({ task_id }) => task_id))];
  const records = taskIds
    .flatMap((taskId) => engine.getTask(taskId)?.history ?? [])
    .toSorted((one, other) => one.seq - other.seq) as readonly StageExecutionRecord[];
  const nodes = records.filter(({ error }) => error !== null);
  const tools = records.filter(
    ({ error, tool_calls }) => error === null && tool_calls.some((call) => call.error !== null),
  );
  return { nodes, tools };
}
