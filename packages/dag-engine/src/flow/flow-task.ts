import type { FlowNode } from './flow-node.ts';

/** A node in its graph. */
export interface FlowTask {
  readonly id: string;
  readonly dependsOn: readonly string[];
  readonly node: FlowNode;
}
