import { AggregateManifestError, DAGValidationError, EngineError } from '../errors.ts';
import type { Workflow, WorkflowEdge, WorkflowNode } from '../model/workflow.ts';
import { Adjacency } from './adjacency.ts';
import { findDagProblems } from './find-dag-problems.ts';
import { findJoins } from './joins.ts';
import { createReachability } from './reachability.ts';
import { orderTopologically } from './topological-order.ts';

/** A workflow known to be a legal DAG. Immutable; everything is in declaration order. */
export interface WorkflowGraph {
  readonly nodes: readonly WorkflowNode[];
  readonly defaultStart: WorkflowNode;
  /** @throws {EngineError} ID_UNKNOWN when there is no such node. */
  node(id: string): WorkflowNode;
  has(id: string): boolean;
  outEdges(id: string): readonly WorkflowEdge[];
  inEdges(id: string): readonly WorkflowEdge[];
  /** Whether a path leads there; a node reaches itself. The first question about a target walks the graph. */
  reaches(from: string, to: string): boolean;
  /** The merge at which the children of a branch or split come together; `null` when they do not. */
  joinOf(spawnerId: string): string | null;
}

/**
 * Builds the graph of a workflow.
 *
 * @throws {DAGValidationError} when one thing is wrong with it.
 * @throws {AggregateManifestError} when several things are.
 */
export function createWorkflowGraph(workflow: Workflow): WorkflowGraph {
  const problems = findDagProblems(workflow);
  const [first] = problems;
  if (first !== undefined) throw problems.length === 1 ? first : new AggregateManifestError(problems);
  const graph = new Adjacency(workflow);
  const reaches = createReachability(graph);
  const defaultStart = workflow.nodes.find((node) => node.default_start);
  if (defaultStart === undefined) throw new DAGValidationError(null, 'no start has "default_start: true"');
  const order = orderTopologically(graph);
  const joins = findJoins(graph, order.ok ? order.order : [], reaches);
  return {
    nodes: workflow.nodes,
    defaultStart,
    node(id) {
      const node = graph.find(id);
      if (node === undefined)
        throw new EngineError('ID_UNKNOWN', `node "${id}" not found`, { details: { id } });
      return node;
    },
    has: (id) => graph.find(id) !== undefined,
    outEdges: (id) => graph.outEdges(id),
    inEdges: (id) => graph.inEdges(id),
    reaches,
    joinOf(spawnerId) {
      const join = joins.get(spawnerId);
      return join?.kind === 'merge' ? join.id : null;
    },
  };
}
