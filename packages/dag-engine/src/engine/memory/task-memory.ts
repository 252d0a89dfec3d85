import { textOf, type JsonValue } from '../model/json.ts';
import type { MemoryItem } from './memory-item.ts';
import { countWords } from './token-cost.ts';
import { payloadOf, type TaskOwner, type TypedMemoryOptions } from './typed-memory.ts';

/** What one task remembers while it runs. */
export interface TaskMemory {
  addReasoning(text: string, stageId: string): Promise<MemoryItem>;
  addToolOutput(toolId: string, output: JsonValue): Promise<MemoryItem>;
  /** Outputs of the nodes the task ran, in order. */
  getStageOutputs(): Promise<readonly MemoryItem[]>;
  clear(): Promise<void>;
}

/** Makes the memory of the task that is the owner. */
export function createTaskMemory({ stores, writer, ids, owner }: TypedMemoryOptions<TaskOwner>): TaskMemory {
  const { task_id } = owner;
  return {
    addReasoning: (text, stageId) =>
      writer.put(
        'task',
        {
          context_item_id: ids.uuid(),
          kind: 'reasoning',
          source: `task/${task_id}/${stageId}`,
          tags: ['task', stageId],
          importance: 0.5,
          token_cost: countWords(text),
          payload: payloadOf(text, {}),
        },
        owner,
      ),
    addToolOutput: (toolId, output) =>
      writer.put(
        'task',
        {
          context_item_id: ids.uuid(),
          kind: 'tool_output',
          source: `task/${task_id}`,
          tags: ['task', 'tool', toolId],
          importance: 0.7,
          token_cost: countWords(textOf(output)),
          payload: { tool_id: toolId, output },
        },
        owner,
      ),
    getStageOutputs: () =>
      stores.task.query({ filters: { task_id, kind: 'stage_output' }, orderBy: '-timestamp', limit: null }),
    clear: () => stores.task.clear(task_id),
  };
}
