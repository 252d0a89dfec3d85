import type { EdgeLists } from './edge-lists.ts';
import { unknownNode } from './graph-error.ts';
import type { TaskNode } from './task-node.ts';
import { createTopology, rememberTopology, type Topology } from './topology.ts';

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
  const topology = createTopology(list);
  const graph = Object.freeze(new IndexedGraph(list, topology));
  rememberTopology(graph, topology);
  return graph;
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

class IndexedGraph<Node extends TaskNode> implements TaskGraph<Node> {
  readonly nodes: readonly Node[];
  readonly #topology: Topology;

  constructor(nodes: readonly Node[], topology: Topology) {
    this.nodes = nodes;
    this.#topology = topology;
  }

  has(id: string): boolean {
    return this.#topology.indexOf.has(id);
  }

  node(id: string): Node {
    const node = this.nodes[this.#topology.indexOf.get(id) ?? -1];
    if (node === undefined) throw unknownNode(id);
    return node;
  }

  dependenciesOf(id: string): readonly string[] {
    return this.#idsIn(this.#topology.dependencies, id);
  }

  dependentsOf(id: string): readonly string[] {
    return this.#idsIn(this.#topology.dependents, id);
  }

  #idsIn(lists: EdgeLists, id: string): readonly string[] {
    const index = this.#topology.indexOf.get(id);
    if (index === undefined) throw unknownNode(id);
    const ids: string[] = [];
    for (let edge = lists.begin(index); edge < lists.end(index); edge += 1) {
      ids.push(this.nodes[lists.target(edge)]?.id ?? '');
    }
    return Object.freeze(ids);
  }
}
