import { visitDepthFirst } from './depth-first.ts';
import { GraphError, shownId } from './graph-error.ts';
import type { TaskGraph } from './task-graph.ts';
import type { TaskNode } from './task-node.ts';
import { topologyOf } from './topology.ts';

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
  const weights = chainWeights(graph, weightOf);
  return new Map(graph.nodes.map((node, index) => [node.id, weights[index] ?? 0]));
}

/** {@link criticalPathWeights} by number. */
export function chainWeights<Node extends TaskNode>(
  graph: TaskGraph<Node>,
  weightOf: WeightOf<Node>,
): Float64Array {
  const { dependencies, dependents } = topologyOf(graph);
  const weights = new Float64Array(graph.nodes.length);
  for (const index of visitDepthFirst(dependencies).reverse()) {
    let heaviest = 0;
    for (let edge = dependents.begin(index); edge < dependents.end(index); edge += 1) {
      heaviest = Math.max(heaviest, weights[dependents.target(edge)] ?? 0);
    }
    const node = graph.nodes[index];
    if (node !== undefined) weights[index] = checkedWeight(node, weightOf) + heaviest;
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

/** @throws {GraphError} WEIGHT_INVALID. */
export function checkedWeight<Node extends TaskNode>(node: Node, weightOf: WeightOf<Node>): number {
  const weight = weightOf(node);
  if (Number.isFinite(weight) && weight >= 0) return weight;
  throw new GraphError(
    'WEIGHT_INVALID',
    `weight of "${shownId(node.id)}" is ${weight}; it must be finite and at least 0`,
    {
      details: { id: node.id },
    },
  );
}
