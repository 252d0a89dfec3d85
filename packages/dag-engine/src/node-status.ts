import type { TaskGraph } from './task-graph.ts';
import type { TaskNode } from './task-node.ts';

/** Where a node is. */
export type NodeStatus = 'pending' | 'running' | 'complete' | 'failed' | 'skipped';

/** Status by node id; a node without one is pending, an id that is no node is ignored. */
export type NodeStatuses = ReadonlyMap<string, NodeStatus>;

/** The pending nodes whose every dependency is complete, in graph order. A skipped dependency is not complete. */
export function getReadyNodes<Node extends TaskNode>(graph: TaskGraph<Node>, statuses: NodeStatuses): Node[] {
  return graph.nodes.filter(
    ({ id }) =>
      statusOf(statuses, id) === 'pending' &&
      graph.dependenciesOf(id).every((dependency) => statusOf(statuses, dependency) === 'complete'),
  );
}

/** Whether there are nodes and every one is complete or skipped. */
export function isComplete(graph: TaskGraph, statuses: NodeStatuses): boolean {
  return (
    graph.nodes.length > 0 &&
    graph.nodes.every(({ id }) => ['complete', 'skipped'].includes(statusOf(statuses, id)))
  );
}

/**
 * The statuses with every pending node that directly or indirectly depends on `id` skipped. The node
 * itself and the given map stay as they are.
 *
 * @throws {GraphError} NODE_UNKNOWN.
 */
export function markDownstreamSkipped(
  graph: TaskGraph,
  statuses: NodeStatuses,
  id: string,
): Map<string, NodeStatus> {
  const marked = new Map(statuses);
  const reached = new Set(graph.dependentsOf(id));
  // A set may grow while it is iterated: this is the queue of a breadth-first walk.
  for (const dependent of reached) {
    if (statusOf(statuses, dependent) === 'pending') marked.set(dependent, 'skipped');
    for (const next of graph.dependentsOf(dependent)) reached.add(next);
  }
  return marked;
}

function statusOf(statuses: NodeStatuses, id: string): NodeStatus {
  return statuses.get(id) ?? 'pending';
}
