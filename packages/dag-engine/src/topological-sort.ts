import { visitDepthFirst } from './depth-first.ts';
import type { TaskGraph, TaskNode } from './task-graph.ts';

/**
 * The nodes so that each comes after those it depends on. Deterministic: an order that is already
 * valid is kept, and a node is moved only to precede one that needs it.
 */
export function topologicalSort<Node extends TaskNode>(graph: TaskGraph<Node>): Node[] {
  const ids = graph.nodes.map((node) => node.id);
  return visitDepthFirst(ids, (id) => graph.dependenciesOf(id)).order.map((id) => graph.node(id));
}
