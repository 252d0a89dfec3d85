import { chainWeights, checkedWeight } from '../critical-path.ts';
import type { NodeStatus } from '../node-status.ts';
import type { TaskGraph } from '../task-graph.ts';
import type { TaskNode } from '../task-node.ts';
import { visitDepthFirst } from '../depth-first.ts';
import { GraphError, shownId } from '../graph-error.ts';
import { GrowingGraph, type AddedDependency, type Edge } from './growing-graph.ts';
import { IntColumn } from './int-column.ts';
import { NO_NODE } from './node-queue.ts';
import { COMPLETE, FAILED, NodeStates, PENDING, READY, RUNNING, SKIPPED, statusName } from './node-states.ts';
import { ReadySet } from './ready-set.ts';
import { assertLimit, type Resource } from './resource-limits.ts';
import type { FailurePolicy, SchedulingOptions } from './scheduling-options.ts';

/** A node that will not run, and the one whose failure or skipping is the reason. */
export interface Skip {
  readonly node: number;
  readonly because: number;
}

/** What the caller's functions say of a node; each is asked once. */
interface NodeTraits {
  readonly priority: number | undefined;
  readonly resources: readonly Resource[];
}

/**
 * The scheduler by numbers: each result costs what its own edges cost, whatever the size of the
 * graph. It trusts its callers: statuses are checked where ids come in.
 */
export class SchedulerCore<Node extends TaskNode> {
  readonly graph: GrowingGraph<Node>;
  readonly states: NodeStates;
  readonly #ready: ReadySet<Node>;
  readonly #starts: IntColumn;
  readonly #failures: IntColumn;
  readonly #weights: number[];
  readonly #priorities: number[] = [];
  readonly #options: SchedulingOptions<Node>;
  readonly #concurrency: number;
  readonly #maxAttemptsOf: (node: Node) => number;
  readonly #policy: FailurePolicy;
  #retriesLeft: number;
  #stopped = false;

  /**
   * `statusOf` says where each node of the graph is already.
   *
   * @throws {GraphError} OPTION_INVALID; WEIGHT_INVALID.
   */
  constructor(graph: TaskGraph<Node>, options: SchedulingOptions<Node>, statusOf?: (node: number) => number) {
    const { concurrency = Infinity, maxAttempts = 1, retryBudget = Infinity } = options;
    assertLimit('concurrency', concurrency);
    if (typeof maxAttempts === 'number') assertLimit('maxAttempts', maxAttempts);
    assertLimit('retryBudget', retryBudget, 0);
    const size = graph.nodes.length;
    this.graph = new GrowingGraph(graph);
    this.states = new NodeStates(size);
    this.#options = options;
    this.#concurrency = concurrency;
    this.#maxAttemptsOf = typeof maxAttempts === 'number' ? () => maxAttempts : maxAttempts;
    this.#retriesLeft = retryBudget;
    this.#policy = options.onFailure ?? 'skip_dependents';
    this.#starts = new IntColumn(size);
    this.#failures = new IntColumn(size);
    this.#weights = Array.from(chainWeights(graph, options.weightOf ?? (() => 1)));
    const rank = {
      priorityOf: (node: number) => this.#priorities[node] ?? 0,
      weightOf: (node: number) => this.#weights[node] ?? 0,
    };
    const { limits = {}, labelsOf = () => [] } = options;
    this.#ready = new ReadySet<Node>({ states: this.states, rank, size, limits, labelsOf });
    this.#begin(statusOf);
  }

  get isStopped(): boolean {
    return this.#stopped;
  }

  /** How often a node was started. */
  starts(node: number): number {
    return this.#starts.get(node);
  }

  /** Nothing starts from now on. */
  stop(): void {
    this.#stopped = true;
  }

  /** Whether nothing runs and nothing will. */
  get isFinished(): boolean {
    return this.states.count(RUNNING) === 0 && (this.#stopped || this.states.count(READY) === 0);
  }

  /** Makes the next node running; {@link NO_NODE} when none may start now. */
  take(): number {
    if (this.#stopped || this.states.count(RUNNING) >= this.#concurrency) return NO_NODE;
    const node = this.#ready.take();
    if (node !== NO_NODE) this.#run(node);
    return node;
  }

  /** Makes a pending node running that an earlier run started, whatever the limits are now. */
  restart(node: number): void {
    this.#ready.occupy(node);
    this.#run(node);
  }

  #run(node: number): void {
    this.states.setStatus(node, RUNNING);
    this.#starts.set(node, this.#starts.get(node) + 1);
  }

  /** A running node is done. */
  complete(node: number): void {
    this.states.setStatus(node, COMPLETE);
    this.#ready.release(node);
    const { dependents } = this.graph.topology;
    for (let edge = dependents.begin(node), end = dependents.end(node); edge < end; edge += 1) {
      this.#satisfy(dependents.target(edge));
    }
    for (const dependent of this.graph.addedDependents(node)) this.#satisfy(dependent);
  }

  /** Whether a running node that fails now is to be tried again. */
  mayRetry(node: number): boolean {
    if (this.#stopped || this.#retriesLeft <= 0) return false;
    const attempts = this.#failures.get(node) + 1;
    return attempts < this.#maxAttemptsOf(this.graph.node(node)) && this.#lossBehind(node) === undefined;
  }

  /** A running node failed and is ready again. */
  retry(node: number): void {
    this.#retriesLeft -= 1;
    this.#failures.set(node, this.#failures.get(node) + 1);
    this.#ready.release(node);
    this.#makeReady(node);
  }

  /**
   * A running node was interrupted, which is no failure: it is ready again, unless something it
   * depends on has been lost while it ran.
   */
  putBack(node: number): readonly Skip[] {
    this.#ready.release(node);
    const because = this.#lossBehind(node);
    if (because === undefined) {
      this.#makeReady(node);
      return [];
    }
    this.states.markLost(node);
    const skips: Skip[] = [];
    this.#skip({ node, because }, skips);
    return skips;
  }

  #lossBehind(node: number): number | undefined {
    return this.graph.dependencies(node).find((dependency) => this.states.isLost(dependency));
  }

  /** A running node failed for good. */
  fail(node: number): readonly Skip[] {
    this.states.setStatus(node, FAILED);
    this.#ready.release(node);
    this.#loseTo(node);
    return this.#spread(node, []);
  }

  /** A pending node is not to run. */
  skip(node: number): readonly Skip[] {
    this.states.setStatus(node, SKIPPED);
    return this.#spread(node, []);
  }

  /**
   * Adds nodes and edges, or nothing. Gives the nodes that can no longer run.
   *
   * @throws {GraphError} GRAPH_INVALID as {@link GrowingGraph.grow}; WEIGHT_INVALID; NODE_STATUS_WRONG
   * when a node that has started would have to wait for another.
   */
  add(nodes: readonly Node[], dependencies: readonly AddedDependency[]): readonly Skip[] {
    this.#assertNotStarted(dependencies);
    const { weightOf = () => 1 } = this.#options;
    // The caller's functions may throw: they are asked before anything changes.
    const weights = nodes.map((node) => checkedWeight(node, weightOf));
    const traits = nodes.map((node) => this.#traitsOf(node));
    const from = this.graph.size;
    const edges = this.graph.grow(nodes, dependencies);
    const to = this.graph.size;
    this.states.grow(from, to);
    this.#starts.grow(to);
    this.#failures.grow(to);
    for (const weight of weights) this.#weights.push(weight);
    const skips: Skip[] = [];
    const touched = new Set<number>();
    for (const [index, each] of traits.entries()) {
      this.#register(from + index, each);
      touched.add(from + index);
    }
    for (const [dependent] of edges) touched.add(dependent);
    for (const edge of edges) this.#connect(edge, skips);
    for (const node of touched) this.#decide(node, skips);
    return skips;
  }

  #begin(statusOf: ((node: number) => number) | undefined): void {
    const size = this.graph.size;
    for (let node = 0; node < size; node += 1) {
      const status = statusOf?.(node) ?? PENDING;
      if (status !== PENDING) this.states.setStatus(node, status);
      this.#register(node, this.#traitsOf(this.graph.node(node)));
      if (status === RUNNING) this.#ready.occupy(node);
      if (status === FAILED) this.#loseTo(node);
      this.states.setWaiting(node, this.graph.topology.dependencies.degree(node));
    }
    if (statusOf !== undefined) this.#catchUp();
    for (let node = 0; node < size; node += 1) {
      if (this.states.waiting(node) === 0 && this.states.status(node) === PENDING) this.#makeReady(node);
    }
  }

  /** What nodes hear of those that have settled already; some can no longer run. */
  #catchUp(): void {
    for (const node of visitDepthFirst(this.graph.topology.dependencies)) {
      const because = this.#hearAll(node);
      if (because === NO_NODE) continue;
      const isLost = this.states.isLost(because);
      const status = this.states.status(node);
      if (isLost && (status === PENDING || status === SKIPPED)) this.states.markLost(node);
      if (status !== PENDING) continue;
      const mayRun = this.states.waiting(node) > 0 || this.states.isSatisfied(node);
      if (isLost || !mayRun) this.states.setStatus(node, SKIPPED);
    }
  }

  /** Gives a dependency that ended without completing, first of all a failure. */
  #hearAll(node: number): number {
    const { dependencies } = this.graph.topology;
    let waiting = 0;
    let because = NO_NODE;
    for (let edge = dependencies.begin(node), end = dependencies.end(node); edge < end; edge += 1) {
      const dependency = dependencies.target(edge);
      const status = this.states.status(dependency);
      if (status < COMPLETE) waiting += 1;
      else if (this.#satisfies(status)) this.states.markSatisfied(node);
      else if (because === NO_NODE || this.states.isLost(dependency)) because = dependency;
    }
    this.states.setWaiting(node, waiting);
    return because;
  }

  /** The node has failed for good. */
  #loseTo(node: number): void {
    if (this.#policy === 'fail_fast') this.#stopped = true;
    if (this.#policy !== 'continue') this.states.markLost(node);
  }

  #assertNotStarted(dependencies: readonly AddedDependency[]): void {
    for (const { id } of dependencies) {
      const node = this.graph.find(id);
      if (node === undefined || this.states.status(node) <= READY) continue;
      throw wrongStatus(id, { status: this.states.status(node), wanted: 'pending' });
    }
  }

  #traitsOf(value: Node): NodeTraits {
    return { priority: this.#options.priorityOf?.(value), resources: this.#ready.resourcesOf(value) };
  }

  #register(node: number, { priority, resources }: NodeTraits): void {
    if (priority !== undefined) this.#priorities[node] = priority;
    this.#ready.register(node, resources);
  }

  #satisfies(status: number): boolean {
    return status === COMPLETE || (status === FAILED && this.#policy === 'continue');
  }

  #satisfy(dependent: number): void {
    const left = this.states.satisfy(dependent);
    if (left === 0 && this.states.status(dependent) === PENDING) this.#makeReady(dependent);
  }

  #makeReady(node: number): void {
    this.states.setStatus(node, READY);
    this.#ready.push(node);
  }

  /** An edge that came later: to something settled already it means nothing, or the end. */
  #connect([dependent, dependency]: Edge, skips: Skip[]): void {
    const status = this.states.status(dependency);
    if (this.states.isLost(dependency)) {
      this.states.markLost(dependent);
      if (this.states.status(dependent) <= READY) this.#skip({ node: dependent, because: dependency }, skips);
      return;
    }
    if (this.#satisfies(status)) {
      this.states.markSatisfied(dependent);
      return;
    }
    if (status < COMPLETE) this.states.setWaiting(dependent, this.states.waiting(dependent) + 1);
    if (this.states.status(dependent) === READY) this.states.setStatus(dependent, PENDING);
  }

  /** Where a node stands once all its new edges are known. */
  #decide(node: number, skips: Skip[]): void {
    if (this.states.waiting(node) > 0 || this.states.status(node) !== PENDING) return;
    const [because] = this.states.isSatisfied(node) ? [] : this.graph.dependencies(node);
    if (because === undefined) {
      this.#makeReady(node);
      return;
    }
    this.#skip({ node, because }, skips);
  }

  #skip(skip: Skip, skips: Skip[]): void {
    this.states.setStatus(skip.node, SKIPPED);
    skips.push(skip);
    this.#spread(skip.node, skips);
  }

  /**
   * What the failure or skipping of a node means for those behind it. Behind a failure everything
   * is skipped. Behind a node that was skipped by decision, a node is skipped when all it depends on
   * was; where another branch completed, it runs. Appends to `skips` and gives it.
   */
  #spread(origin: number, skips: Skip[]): readonly Skip[] {
    const isFailure = this.states.isLost(origin);
    const stack = [origin];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      for (const dependent of this.graph.dependents(node)) {
        if (this.#satisfies(this.states.status(node))) this.#satisfy(dependent);
        else if (this.#isReached(dependent, isFailure)) {
          if (this.states.status(dependent) !== SKIPPED) {
            this.states.setStatus(dependent, SKIPPED);
            skips.push({ node: dependent, because: isFailure ? origin : node });
          }
          stack.push(dependent);
        }
      }
    }
    return skips;
  }

  /** Whether the end of a node without success ends this one too; a failure also reaches what was skipped. */
  #isReached(node: number, isFailure: boolean): boolean {
    const status = this.states.status(node);
    if (isFailure) {
      if (this.states.isLost(node) || (status > READY && status !== SKIPPED)) return false;
      this.states.markLost(node);
      return true;
    }
    if (status !== PENDING) return false;
    const left = this.states.waiting(node) - 1;
    this.states.setWaiting(node, left);
    if (left > 0) return false;
    if (!this.states.isSatisfied(node)) return true;
    this.#makeReady(node);
    return false;
  }
}

export function wrongStatus(
  id: string,
  { status, wanted }: { readonly status: number; readonly wanted: NodeStatus },
): GraphError {
  const name = statusName(status);
  return new GraphError('NODE_STATUS_WRONG', `"${shownId(id)}" is ${name}, not ${wanted}`, {
    details: { id, status: name, wanted },
  });
}
