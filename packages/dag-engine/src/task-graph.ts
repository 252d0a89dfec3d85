import { visitDepthFirst } from './depth-first.ts';
import { GraphError, invalidGraph, type GraphProblem } from './graph-error.ts';

/** What a graph needs to know of a node; it may carry anything else. */
export interface TaskNode {
  /** Not empty, unique in its graph. */
  readonly id: string;
  /** Ids of the nodes that come before this one. Default none; naming one twice is the same as once. */
  readonly dependsOn?: readonly string[];
}

/** An acyclic graph of nodes. Immutable; made by {@link createTaskGraph}. */
export interface TaskGraph<Node extends TaskNode = TaskNode> {
  /** Every node, in the order given. */
  readonly nodes: readonly Node[];
  has(id: string): boolean;
  /** @throws {GraphError} NODE_UNKNOWN. */
  node(id: string): Node;
  /** Direct dependencies, in the order the node names them. @throws {GraphError} NODE_UNKNOWN. */
  dependenciesOf(id: string): readonly string[];
  /** Nodes that directly depend on it, in graph order. @throws {GraphError} NODE_UNKNOWN. */
  dependentsOf(id: string): readonly string[];
}

/**
 * Makes a graph of nodes, given in any order.
 *
 * @throws {GraphError} GRAPH_INVALID listing every empty or duplicate id, unknown dependency,
 * self-edge and cycle (of knotted cycles one, at most 100 in all) in `problems`.
 * @example
 * const graph = createTaskGraph([{ id: 'core' }, { id: 'ui', dependsOn: ['core'] }]);
 */
export function createTaskGraph<Node extends TaskNode>(nodes: Iterable<Node>): TaskGraph<Node> {
  const list = Object.freeze([...nodes]);
  const byId = new Map(list.map((node) => [node.id, node]));
  const problems = [...findIdProblems(list), ...findEdgeProblems(list, byId)];
  const dependencies = new Map(list.map((node) => [node.id, Object.freeze([...new Set(node.dependsOn)])]));
  const known = (id: string) =>
    (dependencies.get(id) ?? []).filter((dependency) => dependency !== id && byId.has(dependency));
  for (const path of visitDepthFirst(byId.keys(), known).cycles) problems.push({ kind: 'cycle', path });
  if (problems.length > 0) throw invalidGraph(problems);

  const dependents = invert(dependencies);
  return Object.freeze({
    nodes: list,
    has: (id: string) => byId.has(id),
    node: (id: string) => found(byId.get(id), id),
    dependenciesOf: (id: string) => found(dependencies.get(id), id),
    dependentsOf: (id: string) => found(dependents.get(id), id),
  });
}

/**
 * A larger graph: the nodes of `graph`, then `nodes`, which may depend on both. `graph` stays as it is.
 *
 * @throws {GraphError} GRAPH_INVALID as {@link createTaskGraph}, for example for an id that exists already.
 */
export function addNodes<Node extends TaskNode>(
  graph: TaskGraph<Node>,
  nodes: Iterable<Node>,
): TaskGraph<Node> {
  return createTaskGraph([...graph.nodes, ...nodes]);
}

function found<Value>(value: Value | undefined, id: string): Value {
  if (value !== undefined) return value;
  throw new GraphError('NODE_UNKNOWN', `the graph has no node "${id}"`, { details: { id } });
}

function findIdProblems(nodes: readonly TaskNode[]): GraphProblem[] {
  const seen = new Set<string>();
  const duplicates = new Set<string>();
  const problems: GraphProblem[] = [];
  nodes.forEach(({ id }, index) => {
    if (id === '') problems.push({ kind: 'empty_id', index });
    else if (seen.has(id)) duplicates.add(id);
    seen.add(id);
  });
  for (const id of duplicates) problems.push({ kind: 'duplicate_id', id });
  return problems;
}

function findEdgeProblems(nodes: readonly TaskNode[], byId: ReadonlyMap<string, TaskNode>): GraphProblem[] {
  const problems: GraphProblem[] = [];
  for (const { id, dependsOn } of nodes) {
    for (const dependency of new Set(dependsOn)) {
      if (dependency === id) problems.push({ kind: 'self_edge', id });
      else if (!byId.has(dependency)) problems.push({ kind: 'unknown_dependency', id, dependency });
    }
  }
  return problems;
}

function invert(dependencies: ReadonlyMap<string, readonly string[]>): Map<string, readonly string[]> {
  const dependents = new Map<string, string[]>([...dependencies.keys()].map((id) => [id, []]));
  for (const [id, list] of dependencies) {
    for (const dependency of list) dependents.get(dependency)?.push(id);
  }
  for (const list of dependents.values()) Object.freeze(list);
  return dependents;
}
