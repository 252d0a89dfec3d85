import type { Workflow, WorkflowEdge, WorkflowNode } from '../model/workflow.ts';

/** Nodes and edges by id, in declaration order. Edges to or from unknown nodes are left out. */
export class Adjacency {
  readonly nodes: readonly WorkflowNode[];
  readonly #nodes: ReadonlyMap<string, WorkflowNode>;
  readonly #out = new Map<string, WorkflowEdge[]>();
  readonly #in = new Map<string, WorkflowEdge[]>();

  constructor({ nodes, edges }: Workflow) {
    this.nodes = nodes;
    this.#nodes = new Map(nodes.map((node) => [node.id, node]));
    for (const edge of edges) {
      if (!this.#nodes.has(edge.from) || !this.#nodes.has(edge.to)) continue;
      append(this.#out, edge.from, edge);
      append(this.#in, edge.to, edge);
    }
  }

  find(id: string): WorkflowNode | undefined {
    return this.#nodes.get(id);
  }

  outEdges(id: string): readonly WorkflowEdge[] {
    return this.#out.get(id) ?? [];
  }

  inEdges(id: string): readonly WorkflowEdge[] {
    return this.#in.get(id) ?? [];
  }

  /** The given nodes and everything after them. */
  descendants(ids: readonly string[]): ReadonlySet<string> {
    return closure(ids, (id) => this.outEdges(id).map(({ to }) => to));
  }

  /** The given nodes and everything before them. */
  ancestors(ids: readonly string[]): ReadonlySet<string> {
    return closure(ids, (id) => this.inEdges(id).map(({ from }) => from));
  }
}

function append(edges: Map<string, WorkflowEdge[]>, id: string, edge: WorkflowEdge): void {
  const known = edges.get(id);
  if (known === undefined) edges.set(id, [edge]);
  else known.push(edge);
}

function closure(ids: readonly string[], next: (id: string) => readonly string[]): ReadonlySet<string> {
  const reached = new Set(ids);
  // A set is iterated in the order things are added to it, also while they are.
  for (const id of reached) for (const other of next(id)) reached.add(other);
  return reached;
}
