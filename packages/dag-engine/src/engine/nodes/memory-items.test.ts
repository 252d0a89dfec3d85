import { expect, it } from 'vitest';
import { bind, countingIds, executeStage } from '../../../test/engine/stage-fixture.ts';
import { memoryItemsOf } from './memory-items.ts';

it('remembers the output of a node and of each tool call that worked', async () => {
  const tools = [
    bind(() => 'found'),
    bind(() => Promise.reject(new TypeError('offline')), { tool_id: 'broken' }),
  ];
  const { record } = await executeStage({
    node: { tools: ['lookup', 'broken'] },
    tools,
    op: async (_task, _node, { callTool }) => {
      await callTool('lookup', {});
      await callTool('broken', {});
      return { output: { done: true } };
    },
  });
  expect(memoryItemsOf(record, countingIds())).toEqual([
    {
      context_item_id: 'uuid-0',
      kind: 'stage_output',
      source: 'n',
      timestamp: record.completed_at,
      tags: ['task', 'n'],
      importance: 0.5,
      token_cost: null,
      payload: { done: true },
      metadata: { task_id: 'task-1', seq: 7 },
    },
    {
      context_item_id: 'uuid-1',
      kind: 'tool_output',
      source: 'task/task-1',
      timestamp: record.tool_calls[0]?.completed_at,
      tags: ['task', 'tool', 'lookup'],
      importance: 0.7,
      token_cost: null,
      payload: 'found',
      metadata: { task_id: 'task-1', seq: 7, call_id: record.tool_calls[0]?.call_id },
    },
  ]);
});
