import type { ContextItem } from '../model/context.ts';
import type { EngineIds } from '../model/engine-ports.ts';
import type { StageExecutionRecord } from '../model/stage-record.ts';
import type { ToolCallRecord } from '../model/tool-call.ts';

/** What the task memory gets of a node that succeeded: its output, and the output of each tool call that worked. */
export function memoryItemsOf(record: StageExecutionRecord, ids: EngineIds): readonly ContextItem[] {
  const worked = record.tool_calls.filter((call) => call.error === null);
  return [stageItem(record, ids), ...worked.map((call) => toolItem(record, { call, ids }))];
}

function stageItem(record: StageExecutionRecord, ids: EngineIds): ContextItem {
  return {
    context_item_id: ids.uuid(),
    kind: 'stage_output',
    source: record.node_id,
    timestamp: record.completed_at,
    tags: ['task', record.node_id],
    importance: 0.5,
    token_cost: null,
    payload: record.output,
    metadata: { task_id: record.task_id, seq: record.seq },
  };
}

function toolItem(
  record: StageExecutionRecord,
  { call, ids }: { readonly call: ToolCallRecord; readonly ids: EngineIds },
): ContextItem {
  return {
    context_item_id: ids.uuid(),
    kind: 'tool_output',
    source: `task/${record.task_id}`,
    timestamp: call.completed_at,
    tags: ['task', 'tool', call.tool_id],
    importance: 0.7,
    token_cost: null,
    payload: call.output,
    metadata: { task_id: record.task_id, seq: record.seq, call_id: call.call_id },
  };
}
