import type { NodeStatus, NodeStatuses } from '../node-status.ts';
import type { TaskGraph } from '../task-graph.ts';
import type { TaskNode } from '../task-node.ts';
import type { AddedDependency } from './growing-graph.ts';
import {
  FAILED,
  COMPLETE,
  PENDING,
  READY,
  RUNNING,
  SKIPPED,
  statusName,
  statusNumber,
} from './node-states.ts';
import { NO_NODE } from './node-queue.ts';
import { SchedulerCore, wrongStatus, type Skip } from './scheduler-core.ts';
import type { SchedulingOptions } from './scheduling-options.ts';

/** How many nodes are where. */
export type StatusCounts = Readonly<Record<NodeStatus, number>>;

/** A node that will not run, and the node whose failure or skipping is the reason. */
export interface SkippedNode {
  readonly id: string;
  readonly because: string;
}

/** What a failure led to. */
export interface FailureResult {
  /** The node is ready again; otherwise it has failed for good. */
  readonly willRetry: boolean;
  readonly skipped: readonly SkippedNode[];
}

/**
 * Says what may run next while results come in. Each call costs what the edges of its node cost,
 * never a walk over the graph. It runs nothing and knows no time: the same calls give the same answers.
 */
export interface Scheduler<Node extends TaskNode = TaskNode> {
  readonly counts: StatusCounts;
  /** Whether nothing runs and nothing will. */
  readonly isFinished: boolean;
  /** @throws {GraphError} NODE_UNKNOWN. */
  statusOf(id: string): NodeStatus;
  /** Starts the next node: it is running from now on. Undefined when none may start at the moment. */
  start(): Node | undefined;
  /** A running node is done. @throws {GraphError} NODE_UNKNOWN, NODE_STATUS_WRONG. */
  complete(id: string): void;
  /** A running node failed. @throws {GraphError} NODE_UNKNOWN, NODE_STATUS_WRONG. */
  fail(id: string): FailureResult;
  /**
   * A running node was interrupted, which is no failure: it may start again, unless something it
   * depends on has failed meanwhile.
   *
   * @throws {GraphError} NODE_UNKNOWN, NODE_STATUS_WRONG.
   */
  putBack(id: string): readonly SkippedNode[];
  /**
   * Decides that a pending node is not to run, as the branch not taken. Nodes that depend on nothing
   * but skipped ones are skipped with it; where another branch completes, the join runs.
   *
   * @throws {GraphError} NODE_UNKNOWN, NODE_STATUS_WRONG.
   */
  skip(id: string): readonly SkippedNode[];
  /**
   * Adds nodes, and edges to nodes that have not started; all of it or nothing. Gives the nodes that
   * cannot run because what they depend on has failed.
   *
   * @throws {GraphError} GRAPH_INVALID, with the path of a cycle; NODE_STATUS_WRONG.
   */
  add(nodes: readonly Node[], dependencies?: readonly AddedDependency[]): readonly SkippedNode[];
  /** Nothing starts from now on. */
  stop(): void;
}

/**
 * Makes a scheduler of a graph, whose nodes may be somewhere already.
 *
 * @throws {GraphError} OPTION_INVALID; WEIGHT_INVALID.
 * @example
 * const scheduler = createScheduler(graph, { concurrency: 4 });
 * for (let node = scheduler.start(); node; node = scheduler.start()) begin(node);
 */
export function createScheduler<Node extends TaskNode>(
  graph: TaskGraph<Node>,
  options: SchedulingOptions<Node> & {
    /** Where the nodes are at the start; what is running counts. Default: all pending. */
    readonly statuses?: NodeStatuses;
  } = {},
): Scheduler<Node> {
  const { statuses } = options;
  const statusOf = (node: number) => statusNumber(statuses?.get(graph.nodes[node]?.id ?? '') ?? 'pending');
  return new IdScheduler(new SchedulerCore(graph, options, statuses === undefined ? undefined : statusOf));
}

/** The scheduler by ids: checks what the core trusts. */
class IdScheduler<Node extends TaskNode> implements Scheduler<Node> {
  readonly #core: SchedulerCore<Node>;

  constructor(core: SchedulerCore<Node>) {
    this.#core = core;
  }

  get counts(): StatusCounts {
    return countStatuses(this.#core);
  }

  get isFinished(): boolean {
    return this.#core.isFinished;
  }

  statusOf(id: string): NodeStatus {
    return statusName(this.#core.states.status(this.#core.graph.indexOf(id)));
  }

  start(): Node | undefined {
    const node = this.#core.take();
    return node === NO_NODE ? undefined : this.#core.graph.node(node);
  }

  complete(id: string): void {
    this.#core.complete(this.#find(id, 'running'));
  }

  fail(id: string): FailureResult {
    const node = this.#find(id, 'running');
    const willRetry = this.#core.mayRetry(node);
    if (!willRetry) return { willRetry, skipped: this.#core.fail(node).map((skip) => this.#named(skip)) };
    this.#core.retry(node);
    return { willRetry, skipped: [] };
  }

  putBack(id: string): readonly SkippedNode[] {
    return this.#core.putBack(this.#find(id, 'running')).map((skip) => this.#named(skip));
  }

  skip(id: string): readonly SkippedNode[] {
    return this.#core.skip(this.#find(id, 'pending')).map((skip) => this.#named(skip));
  }

  add(nodes: readonly Node[], dependencies: readonly AddedDependency[] = []): readonly SkippedNode[] {
    return this.#core.add(nodes, dependencies).map((skip) => this.#named(skip));
  }

  stop(): void {
    this.#core.stop();
  }

  #find(id: string, wanted: NodeStatus): number {
    const node = this.#core.graph.indexOf(id);
    const status = this.#core.states.status(node);
    if (statusName(status) === wanted) return node;
    throw wrongStatus(id, { status, wanted });
  }

  #named({ node, because }: Skip): SkippedNode {
    const { graph } = this.#core;
    return { id: graph.node(node).id, because: graph.node(because).id };
  }
}

export function countStatuses<Node extends TaskNode>({ states }: SchedulerCore<Node>): StatusCounts {
  return {
    pending: states.count(PENDING) + states.count(READY),
    running: states.count(RUNNING),
    complete: states.count(COMPLETE),
    failed: states.count(FAILED),
    skipped: states.count(SKIPPED),
  };
}
