import { findCycles, hasCycle } from './depth-first.ts';
import { EdgeLists } from './edge-lists.ts';
import { invalidGraph, type GraphProblem } from './graph-error.ts';
import type { TaskNode } from './task-node.ts';

/** A graph by numbers: node `n` is the n-th of the graph. Ids belong to the edge, numbers to the inside. */
export interface Topology {
  readonly indexOf: ReadonlyMap<string, number>;
  readonly dependencies: EdgeLists;
  readonly dependents: EdgeLists;
}

/** A graph, as far as its topology goes. */
interface NodeList {
  readonly nodes: readonly TaskNode[];
}

const topologies = new WeakMap<NodeList, Topology>();

/** What {@link rememberTopology} was told; of a graph made elsewhere it is found out. */
export function topologyOf(graph: NodeList): Topology {
  const known = topologies.get(graph);
  if (known !== undefined) return known;
  const topology = createTopology(graph.nodes);
  topologies.set(graph, topology);
  return topology;
}

export function rememberTopology(graph: NodeList, topology: Topology): void {
  topologies.set(graph, topology);
}

/** @throws {GraphError} GRAPH_INVALID listing everything that is wrong. */
export function createTopology(nodes: readonly TaskNode[]): Topology {
  const problems: GraphProblem[] = [];
  const indexOf = indexIds(nodes, problems);
  const dependencies = resolveDependencies(nodes, { indexOf, problems });
  const dependents = dependencies.inverted();
  if (hasCycle(dependencies, dependents)) {
    const idOf = (index: number) => nodes[index]?.id ?? '';
    for (const cycle of findCycles(dependencies)) problems.push({ kind: 'cycle', path: cycle.map(idOf) });
  }
  if (problems.length > 0) throw invalidGraph(problems);
  return { indexOf, dependencies, dependents };
}

/** Of nodes with the same id the last one counts, as in a map. */
function indexIds(nodes: readonly TaskNode[], problems: GraphProblem[]): Map<string, number> {
  const indexOf = new Map<string, number>();
  const duplicates = new Set<string>();
  for (let index = 0; index < nodes.length; index += 1) {
    const id = nodes[index]?.id ?? '';
    const known = indexOf.size;
    indexOf.set(id, index);
    if (id === '') problems.push({ kind: 'empty_id', index });
    else if (indexOf.size === known) duplicates.add(id);
  }
  for (const id of duplicates) problems.push({ kind: 'duplicate_id', id });
  return indexOf;
}

function resolveDependencies(
  nodes: readonly TaskNode[],
  { indexOf, problems }: { readonly indexOf: ReadonlyMap<string, number>; readonly problems: GraphProblem[] },
): EdgeLists {
  const starts = new Uint32Array(nodes.length + 1);
  const targets: number[] = [];
  nodes.forEach(({ id, dependsOn }, index) => {
    for (const dependency of dependsOn === undefined ? [] : distinct(dependsOn)) {
      const target = indexOf.get(dependency);
      if (dependency === id) problems.push({ kind: 'self_edge', id });
      else if (target === undefined) problems.push({ kind: 'unknown_dependency', id, dependency });
      else targets.push(target);
    }
    starts[index + 1] = targets.length;
  });
  return new EdgeLists(starts, Uint32Array.from(targets));
}

/** Most lists name one or two nodes; a set for each would cost more than everything else here. */
export function distinct(ids: readonly string[]): Iterable<string> {
  if (ids.length < 2 || (ids.length === 2 && ids[0] !== ids[1])) return ids;
  return new Set(ids);
}
