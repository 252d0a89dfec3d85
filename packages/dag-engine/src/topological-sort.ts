import { visitDepthFirst } from './depth-first.ts';
import type { TaskGraph } from './task-graph.ts';
import type { TaskNode } from './task-node.ts';
import { topologyOf } from './topology.ts';

/**
 * The nodes so that each comes after those it depends on. Deterministic: an order that is already
 * valid is kept, and a node is moved only to precede one that needs it.
 */
export function topologicalSort<Node extends TaskNode>(graph: TaskGraph<Node>): Node[] {
  const sorted: Node[] = [];
  for (const index of visitDepthFirst(topologyOf(graph).dependencies)) {
    const node = graph.nodes[index];
    if (node !== undefined) sorted.push(node);
  }
  return sorted;
}
