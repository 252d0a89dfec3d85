import { GraphError } from './graph-error.ts';
import type { TaskGraph, TaskNode } from './task-graph.ts';
import { topologicalSort } from './topological-sort.ts';

/** What a node costs, in any unit: at least 0 and finite. */
export type WeightOf<Node extends TaskNode> = (node: Node) => number;

/**
 * For each node the weight of the heaviest chain that starts with it and goes on through its
 * dependents: how long the rest takes at least. Whoever starts the heaviest ready node first delays
 * the end least. Weights default to 1.
 *
 * @throws {GraphError} WEIGHT_INVALID when a weight is negative or not finite.
 */
export function criticalPathWeights<Node extends TaskNode>(
  graph: TaskGraph<Node>,
  weightOf: WeightOf<Node> = () => 1,
): Map<string, number> {
  const weights = new Map<string, number>();
  for (const node of topologicalSort(graph).reverse()) {
    let heaviest = 0;
    for (const dependent of graph.dependentsOf(node.id)) {
      heaviest = Math.max(heaviest, weights.get(dependent) ?? 0);
    }
    weights.set(node.id, checkedWeight(node, weightOf) + heaviest);
  }
  return weights;
}

/**
 * The heaviest chain of nodes, first to last; of equal ones the one that comes first in graph order.
 * Empty for an empty graph. Weights default to 1.
 *
 * @throws {GraphError} WEIGHT_INVALID when a weight is negative or not finite.
 */
export function criticalPath<Node extends TaskNode>(
  graph: TaskGraph<Node>,
  weightOf: WeightOf<Node> = () => 1,
): { readonly nodes: readonly Node[]; readonly weight: number } {
  const weights = criticalPathWeights(graph, weightOf);
  const roots = graph.nodes.map((node) => node.id).filter((id) => graph.dependenciesOf(id).length === 0);
  const path: Node[] = [];
  const start = heaviestOf(roots, weights);
  for (let id = start; id !== undefined; id = heaviestOf(graph.dependentsOf(id), weights)) {
    path.push(graph.node(id));
  }
  return { nodes: path, weight: start === undefined ? 0 : (weights.get(start) ?? 0) };
}

function heaviestOf(ids: readonly string[], weights: ReadonlyMap<string, number>): string | undefined {
  let best: string | undefined;
  for (const id of ids) {
    if (best === undefined || (weights.get(id) ?? 0) > (weights.get(best) ?? 0)) best = id;
  }
  return best;
}

function checkedWeight<Node extends TaskNode>(node: Node, weightOf: WeightOf<Node>): number {
  const weight = weightOf(node);
  if (Number.isFinite(weight) && weight >= 0) return weight;
  throw new GraphError(
    'WEIGHT_INVALID',
    `weight of "${node.id}" is ${weight}; it must be finite and at least 0`,
    {
      details: { id: node.id },
    },
  );
}
