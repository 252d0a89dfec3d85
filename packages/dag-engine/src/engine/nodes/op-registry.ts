import type { NodeRole } from '../model/vocabulary.ts';
import type { WorkflowNode } from '../model/workflow.ts';
import type { DeterministicOp } from './deterministic-op.ts';
import { defaultRoleOps } from './role-ops.ts';

/** What deterministic nodes do: by node id, else by role. */
export class OpRegistry {
  readonly #byNode = new Map<string, DeterministicOp>();
  readonly #byRole = defaultRoleOps();

  /** A second operation for a node replaces the first. */
  register(nodeId: string, op: DeterministicOp): void {
    this.#byNode.set(nodeId, op);
  }

  /** Replaces what nodes of a role do by default. */
  registerRole(role: NodeRole, op: DeterministicOp): void {
    this.#byRole.set(role, op);
  }

  /** `undefined` only for a role that does not exist. */
  opFor({ id, role }: Pick<WorkflowNode, 'id' | 'role'>): DeterministicOp | undefined {
    return this.#byNode.get(id) ?? this.#byRole.get(role);
  }
}
