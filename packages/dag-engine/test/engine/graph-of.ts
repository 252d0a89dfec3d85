import type { NodeRole } from '../../src/engine/model/vocabulary.ts';
import type { WorkflowEdge, WorkflowNode } from '../../src/engine/model/workflow.ts';
import type { RoutingGraph } from '../../src/engine/routing/routing-graph.ts';
import { nodeOf } from './stage-fixture.ts';

export type NodeDeclaration = readonly [id: string, role: NodeRole, rest?: Partial<WorkflowNode>];
export type EdgeDeclaration = readonly [from: string, to: string, label?: string];

export interface TestGraph extends RoutingGraph {
  readonly edges: readonly WorkflowEdge[];
  /** Branches and splits with more than one nearest merge, none of them named as the join. */
  readonly ambiguous: readonly string[];
  /** Every merge that all arms of a branch or split lead to, near or far. */
  commonMerges(spawnerId: string): readonly string[];
  /** Those of them that no other leads to. */
  nearestMerges(spawnerId: string): readonly string[];
}

/** A workflow without the checks of the loader; joins by the rule as it is written (J1). */
export function graphOf(
  declaredNodes: readonly NodeDeclaration[],
  declaredEdges: readonly EdgeDeclaration[],
): TestGraph {
  const nodes = declaredNodes.map(workflowNode);
  const edges = declaredEdges.map(([from, to, label]) => ({ edge_id: null, from, to, label: label ?? null }));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const outEdges = (id: string) => edges.filter((edge) => edge.from === id);
  const reached = new Map<string, ReadonlySet<string>>();
  const reachOf = (id: string): ReadonlySet<string> => {
    const known = reached.get(id);
    if (known) return known;
    const reach = outEdges(id).reduce((sum, edge) => sum.union(reachOf(edge.to)), new Set([id]));
    reached.set(id, reach);
    return reach;
  };
  const commonMerges = (id: string) => {
    const arms = outEdges(id).map((edge) => reachOf(edge.to));
    const merges = nodes.filter((node) => node.role === 'merge').map((node) => node.id);
    return merges.filter((merge) => arms.every((arm) => arm.has(merge)));
  };
  const nearestMerges = (id: string) => {
    const common = commonMerges(id);
    return common.filter((merge) => common.every((other) => other === merge || !reachOf(other).has(merge)));
  };
  const spawners = nodes.filter((node) => node.role === 'branch' || node.role === 'split');
  const joins = new Map(spawners.map((node) => [node.id, node.join ?? nearestMerges(node.id)[0] ?? null]));
  return {
    nodes,
    edges,
    node: (id) => byId.get(id)!,
    outEdges,
    reaches: (from, to) => reachOf(from).has(to),
    joinOf: (id) => joins.get(id) ?? null,
    ambiguous: spawners
      .filter((node) => node.join === null && nearestMerges(node.id).length > 1)
      .map((node) => node.id),
    commonMerges,
    nearestMerges,
  };
}

function workflowNode([id, role, rest]: NodeDeclaration): WorkflowNode {
  return nodeOf({ id, name: id, role, default_start: role === 'start', ...rest });
}
