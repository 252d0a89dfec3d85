import type { WeightOf } from '../critical-path.ts';
import type { TaskNode } from '../task-node.ts';

/**
 * What the failure of a node means, once its attempts are used up.
 *
 * - `skip_dependents`: whatever depends on it, directly or not, is skipped; the rest goes on.
 * - `continue`: its dependents run as if it had completed.
 * - `fail_fast`: nothing starts any more; in a run, what is running is aborted.
 */
export type FailurePolicy = 'skip_dependents' | 'continue' | 'fail_fast';

/** How the nodes of a graph are ordered, limited and retried. */
export interface SchedulingOptions<Node extends TaskNode = TaskNode> {
  /** Nodes that may run at the same time. Default: any number. */
  readonly concurrency?: number;
  /** For each label how many nodes that carry it may run at the same time; labels not named are free. */
  readonly limits?: Readonly<Record<string, number>>;
  /** The labels a node carries; asked once. Default none. */
  readonly labelsOf?: (node: Node) => readonly string[];
  /** Lower numbers start first; asked once. Default 0. */
  readonly priorityOf?: (node: Node) => number;
  /**
   * Of the same priority, nodes with the heaviest chain of dependents start first; this is what a
   * node itself weighs. Default 1. Nodes added later do not make older ones heavier.
   */
  readonly weightOf?: WeightOf<Node>;
  /** Default `skip_dependents`. */
  readonly onFailure?: FailurePolicy;
  /** How often a node may be started in all, when it fails; for all, or for each. Default 1: no retries. */
  readonly maxAttempts?: number | ((node: Node) => number);
  /** Retries of all nodes together. Default: any number. */
  readonly retryBudget?: number;
}
