import type { JsonObject } from './json.ts';
import type { MergeFailureMode, MergeStrategy, NodeKind, NodeRole } from './vocabulary.ts';

/** A schema by its id, or written where it is used. */
export type SchemaRef = string | JsonObject;

/** A node of `workflow.yaml`, every alias and default resolved. */
export interface WorkflowNode {
  readonly id: string;
  readonly name: string;
  readonly kind: NodeKind;
  readonly role: NodeRole;
  readonly default_start: boolean;
  /** Set exactly for agent nodes. */
  readonly agent_id: string | null;
  /** A profile id, `global` or `none`. */
  readonly context: string;
  readonly tools: readonly string[];
  readonly inputs_schema_id: SchemaRef | null;
  readonly outputs_schema_id: SchemaRef | null;
  readonly continue_on_failure: boolean;
  readonly always_fail: boolean;
  readonly merge_strategy: MergeStrategy;
  readonly merge_failure_mode: MergeFailureMode;
  /** Of a branch or split: the merge its children join at, when that is ambiguous. */
  readonly join: string | null;
  readonly metadata: JsonObject;
}

export interface WorkflowEdge {
  readonly edge_id: string | null;
  readonly from: string;
  readonly to: string;
  readonly label: string | null;
}

/** The DAG as its manifest declares it; declaration order is meaningful. */
export interface Workflow {
  readonly nodes: readonly WorkflowNode[];
  readonly edges: readonly WorkflowEdge[];
}
