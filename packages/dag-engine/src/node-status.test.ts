import { expect, it } from 'vitest';
import { getReadyNodes, isComplete, markDownstreamSkipped, type NodeStatus } from './node-status.ts';
import { createTaskGraph } from './task-graph.ts';

const graph = createTaskGraph([
  { id: 'a' },
  { id: 'b' },
  { id: 'c', dependsOn: ['a', 'b'] },
  { id: 'd', dependsOn: ['c'] },
]);
const statuses = (entries: Record<string, NodeStatus>) => new Map(Object.entries(entries));
const ready = (entries: Record<string, NodeStatus>) =>
  getReadyNodes(graph, statuses(entries)).map((node) => node.id);

it('is ready when pending and every dependency is complete', () => {
  expect(ready({})).toEqual(['a', 'b']);
  expect(ready({ a: 'running' })).toEqual(['b']);
  expect(ready({ a: 'complete', b: 'running' })).toEqual([]);
  expect(ready({ a: 'complete', b: 'complete' })).toEqual(['c']);
  expect(ready({ a: 'complete', b: 'complete', c: 'running' })).toEqual([]);
  expect(ready({ a: 'complete', b: 'skipped' })).toEqual([]);
  expect(ready({ a: 'complete', b: 'failed' })).toEqual([]);
});

it('is complete when every node is complete or skipped, and there is one', () => {
  expect(isComplete(graph, statuses({ a: 'complete', b: 'complete', c: 'complete', d: 'skipped' }))).toBe(
    true,
  );
  expect(isComplete(graph, statuses({ a: 'complete', b: 'complete', c: 'complete' }))).toBe(false);
  expect(isComplete(graph, statuses({ a: 'complete', b: 'failed', c: 'skipped', d: 'skipped' }))).toBe(false);
  expect(isComplete(createTaskGraph([]), new Map())).toBe(false);
});

it('skips pending nodes only, and refuses an unknown node', () => {
  expect(markDownstreamSkipped(graph, statuses({ a: 'failed', c: 'running' }), 'a')).toEqual(
    statuses({ a: 'failed', c: 'running', d: 'skipped' }),
  );
  expect(() => markDownstreamSkipped(graph, new Map(), 'x')).toThrow(
    expect.objectContaining({ code: 'NODE_UNKNOWN' }),
  );
});
