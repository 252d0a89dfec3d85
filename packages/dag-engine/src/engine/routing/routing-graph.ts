import type { WorkflowEdge, WorkflowNode } from '../model/workflow.ts';

/** What the router asks of a validated workflow. */
export interface RoutingGraph {
  /** In declaration order. */
  readonly nodes: readonly WorkflowNode[];
  node(id: string): WorkflowNode;
  /** In declaration order. */
  outEdges(id: string): readonly WorkflowEdge[];
  /** A node reaches itself. */
  reaches(from: string, to: string): boolean;
  /** The merge the children of a branch or split join at. */
  joinOf(spawnerId: string): string | null;
}
