import type { AddedDependency } from '../scheduler/growing-graph.ts';
import type { SkippedNode, StatusCounts } from '../scheduler/scheduler.ts';
import type { TaskNode } from '../task-node.ts';

/** Why an attempt failed. */
export interface NodeFailure {
  /** Of an AgentSwarm error its code, otherwise `UNKNOWN`. */
  readonly code: string;
  readonly message: string;
  /** What was thrown; a journal does not keep it. */
  readonly cause?: unknown;
}

/** Nodes, and edges of older nodes, that a node adds when it completes. */
export interface GraphGrowth<Node extends TaskNode = TaskNode> {
  readonly nodes: readonly Node[];
  readonly dependencies: readonly AddedDependency[];
}

/**
 * How a run ended: `complete` when every node is complete or was skipped by decision, `failed` when
 * one failed, `cancelled` when it was stopped before the end.
 */
export type RunOutcome = 'complete' | 'failed' | 'cancelled';

/** The end of a run. */
export interface RunFinished {
  readonly type: 'run_finished';
  readonly outcome: RunOutcome;
  readonly counts: StatusCounts;
}

/** What happens in a run, in order. Data: apart from `cause` it survives JSON if results and nodes do. */
export type GraphEvent<Result = unknown, Node extends TaskNode = TaskNode> =
  /** `settled` of `nodes` nodes need not run: their end is in the journal. */
  | { readonly type: 'run_started'; readonly nodes: number; readonly settled: number }
  /** Attempts of a node count from 1, also over restarts. */
  | { readonly type: 'node_started'; readonly id: string; readonly attempt: number }
  | {
      readonly type: 'node_completed';
      readonly id: string;
      readonly attempt: number;
      readonly result: Result;
      readonly growth?: GraphGrowth<Node>;
      /** Branches not taken. */
      readonly skips?: readonly string[];
    }
  | {
      readonly type: 'node_failed';
      readonly id: string;
      readonly attempt: number;
      readonly error: NodeFailure;
      readonly willRetry: boolean;
    }
  /** The run was stopped while the node ran, and it gave up; it runs again when the run is resumed. */
  | { readonly type: 'node_interrupted'; readonly id: string; readonly attempt: number }
  /** `because` names the node whose failure, skipping or decision is the reason. */
  | ({ readonly type: 'node_skipped' } & SkippedNode)
  | RunFinished;
