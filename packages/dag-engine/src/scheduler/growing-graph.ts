import { GraphError, invalidGraph, unknownNode, type GraphProblem } from '../graph-error.ts';
import type { TaskGraph } from '../task-graph.ts';
import type { TaskNode } from '../task-node.ts';
import { distinct, topologyOf, type Topology } from '../topology.ts';

/** An edge to add: node `id` has to wait for each of `dependsOn`. */
export interface AddedDependency {
  readonly id: string;
  readonly dependsOn: readonly string[];
}

/** Edges by number, dependent first. */
export type Edge = readonly [dependent: number, dependency: number];

const NONE: readonly number[] = [];

/** A graph by numbers that grows: the edges it began with stay packed, later ones are kept beside them. */
export class GrowingGraph<Node extends TaskNode> {
  readonly topology: Topology;
  readonly #base: readonly Node[];
  readonly #added: Node[] = [];
  readonly #addedIndexOf = new Map<string, number>();
  readonly #addedDependencies = new Map<number, number[]>();
  readonly #addedDependents = new Map<number, number[]>();

  constructor(graph: TaskGraph<Node>) {
    this.topology = topologyOf(graph);
    this.#base = graph.nodes;
  }

  get size(): number {
    return this.#base.length + this.#added.length;
  }

  node(index: number): Node {
    const node = this.#base[index] ?? this.#added[index - this.#base.length];
    if (node === undefined) throw new GraphError('NODE_UNKNOWN', `the graph has no node number ${index}`);
    return node;
  }

  find(id: string): number | undefined {
    return this.topology.indexOf.get(id) ?? this.#addedIndexOf.get(id);
  }

  /** @throws {GraphError} NODE_UNKNOWN. */
  indexOf(id: string): number {
    const index = this.find(id);
    if (index === undefined) throw unknownNode(id);
    return index;
  }

  addedDependents(index: number): readonly number[] {
    return this.#addedDependents.get(index) ?? NONE;
  }

  *dependents(index: number): Generator<number, void, undefined> {
    const { dependents } = this.topology;
    if (index < this.#base.length) {
      for (let edge = dependents.begin(index); edge < dependents.end(index); edge += 1) {
        yield dependents.target(edge);
      }
    }
    yield* this.addedDependents(index);
  }

  *dependencies(index: number): Generator<number, void, undefined> {
    const { dependencies } = this.topology;
    if (index < this.#base.length) {
      for (let edge = dependencies.begin(index); edge < dependencies.end(index); edge += 1) {
        yield dependencies.target(edge);
      }
    }
    yield* this.#addedDependencies.get(index) ?? NONE;
  }

  /**
   * Adds nodes and edges, or nothing when the graph would be invalid. Gives the edges that are new.
   *
   * @throws {GraphError} GRAPH_INVALID listing everything that is wrong; of cycles the first.
   */
  grow(nodes: readonly Node[], dependencies: readonly AddedDependency[]): readonly Edge[] {
    const problems: GraphProblem[] = [];
    const batch = this.#numberIds(nodes, problems);
    const find = (id: string) => batch.get(id) ?? this.find(id);
    const edges: Edge[] = [];
    for (const { id, dependsOn = [] } of [...nodes, ...dependencies]) {
      const dependent = find(id);
      if (dependent === undefined) problems.push({ kind: 'unknown_dependency', id, dependency: id });
      for (const other of distinct(dependsOn)) {
        const dependency = find(other);
        if (other === id) problems.push({ kind: 'self_edge', id });
        else if (dependency === undefined)
          problems.push({ kind: 'unknown_dependency', id, dependency: other });
        else if (dependent !== undefined) edges.push([dependent, dependency]);
      }
    }
    if (problems.length > 0) throw invalidGraph(problems);
    const fresh = this.#withoutKnown(edges);
    const firstNew = this.size;
    const undo = this.#link(nodes, fresh);
    const cycle = this.#findCycle(fresh, firstNew);
    if (cycle === undefined) return fresh;
    const path = cycle.map((index) => this.node(index).id);
    undo();
    throw invalidGraph([{ kind: 'cycle', path }]);
  }

  #numberIds(nodes: readonly Node[], problems: GraphProblem[]): Map<string, number> {
    const batch = new Map<string, number>();
    nodes.forEach(({ id }, index) => {
      if (id === '') problems.push({ kind: 'empty_id', index });
      else if (batch.has(id) || this.find(id) !== undefined) problems.push({ kind: 'duplicate_id', id });
      else batch.set(id, this.size + index);
    });
    return batch;
  }

  #withoutKnown(edges: readonly Edge[]): Edge[] {
    const seen = new Map<number, Set<number>>();
    return edges.filter(([dependent, dependency]) => {
      let known = seen.get(dependent);
      if (known === undefined) seen.set(dependent, (known = new Set(this.dependencies(dependent))));
      return known.size !== known.add(dependency).size;
    });
  }

  #link(nodes: readonly Node[], edges: readonly Edge[]): () => void {
    for (const node of nodes) {
      this.#addedIndexOf.set(node.id, this.size);
      this.#added.push(node);
    }
    for (const [dependent, dependency] of edges) {
      append(this.#addedDependencies, dependent, dependency);
      append(this.#addedDependents, dependency, dependent);
    }
    return () => {
      for (const { id } of nodes) this.#addedIndexOf.delete(id);
      this.#added.length -= nodes.length;
      for (const [dependent, dependency] of edges.toReversed()) {
        this.#addedDependencies.get(dependent)?.pop();
        this.#addedDependents.get(dependency)?.pop();
      }
    };
  }

  /**
   * A cycle through one of the new edges. Unless an old node has to wait for something new, no way
   * leads back from the old nodes, and only the new ones are looked at.
   */
  #findCycle(edges: readonly Edge[], firstNew: number): readonly number[] | undefined {
    const starts = new Set(edges.map(([dependent]) => dependent));
    const lowest = [...starts].every((start) => start >= firstNew) ? firstNew : 0;
    const clean = new Set<number>();
    for (const start of starts) {
      const cycle = clean.has(start) ? undefined : this.#findCycleFrom(start, { lowest, clean });
      if (cycle !== undefined) return cycle;
    }
    return undefined;
  }

  /** Follows dependencies, depth first and without recursion. */
  #findCycleFrom(
    start: number,
    { lowest, clean }: { readonly lowest: number; readonly clean: Set<number> },
  ): readonly number[] | undefined {
    const path: number[] = [start];
    const open = new Set(path);
    const pending = [this.dependencies(start)];
    for (let top = pending.at(-1); top !== undefined; top = pending.at(-1)) {
      const next = top.next();
      if (next.done === true) {
        pending.pop();
        const closed = path.pop() ?? start;
        open.delete(closed);
        clean.add(closed);
      } else if (open.has(next.value)) {
        return [...path.slice(path.indexOf(next.value)), next.value];
      } else if (!clean.has(next.value) && next.value >= lowest) {
        path.push(next.value);
        open.add(next.value);
        pending.push(this.dependencies(next.value));
      }
    }
    return undefined;
  }
}

function append(lists: Map<number, number[]>, key: number, value: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
