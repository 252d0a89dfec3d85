import type { NodeStatus } from '../node-status.ts';
import type { AddedDependency } from '../scheduler/growing-graph.ts';
import type { SchedulingOptions } from '../scheduler/scheduling-options.ts';
import type { TaskNode } from '../task-node.ts';
import type { GraphEvent, RunFinished } from './graph-event.ts';
import type { GraphJournal } from './graph-journal.ts';

/** What a node that runs may ask and decide; its functions may be taken out of it. */
export interface NodeContext<Node extends TaskNode = TaskNode, Result = unknown> {
  /** 1 at first; higher when the node was started before. */
  readonly attempt: number;
  /** Aborts when the run is to end: stop what you started, then reject or resolve. */
  readonly signal: AbortSignal;
  /** Result of a complete node; undefined of any other. @throws {GraphError} NODE_UNKNOWN. */
  resultOf(id: string): Result | undefined;
  /**
   * Adds nodes, and edges to nodes that have not started, once this node completes; an attempt that
   * fails adds nothing. When the graph would be invalid, the node fails with GRAPH_INVALID.
   */
  add(nodes: readonly Node[], dependencies?: readonly AddedDependency[]): void;
  /** Decides, once this node completes, that another is not to run: the branch not taken. */
  skip(id: string): void;
}

export interface RunGraphOptions<Node extends TaskNode, Result> extends SchedulingOptions<Node> {
  /**
   * Does the work of a node. What it throws or rejects with fails the attempt.
   *
   * Contract: ends what it started, also when the signal aborts; with a journal it may run again
   * after a crash, so its effects are idempotent and its result survives JSON.
   */
  readonly run: (node: Node, context: NodeContext<Node, Result>) => Result | PromiseLike<Result>;
  /** Whether an attempt that failed like this is worth another one. Default: always. */
  readonly isRetryable?: (error: unknown) => boolean;
  /** Keeps every event before it is announced; what it holds at the start is not done again. */
  readonly journal?: GraphJournal;
  readonly signal?: AbortSignal;
}

/** A run: iterate it to start it and to hear of it, or start it with `finished()`; one of both, once. */
export interface GraphRun<Result = unknown, Node extends TaskNode = TaskNode> extends AsyncIterable<
  GraphEvent<Result, Node>,
  undefined
> {
  /** Starts the run and waits for its end, without events. Rejects as the iteration would throw. */
  finished(): Promise<RunFinished>;
  /** @throws {GraphError} NODE_UNKNOWN. */
  statusOf(id: string): NodeStatus;
  /** Result of a complete node; undefined of any other. @throws {GraphError} NODE_UNKNOWN. */
  resultOf(id: string): Result | undefined;
}
