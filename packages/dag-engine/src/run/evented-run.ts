import { toSwarmError } from '@agentswarm/core';
import { GraphError } from '../graph-error.ts';
import type { NodeStatus } from '../node-status.ts';
import { NO_NODE } from '../scheduler/node-queue.ts';
import { statusName } from '../scheduler/node-states.ts';
import { countStatuses } from '../scheduler/scheduler.ts';
import { SchedulerCore, type Skip } from '../scheduler/scheduler-core.ts';
import type { TaskGraph } from '../task-graph.ts';
import type { TaskNode } from '../task-node.ts';
import { DecidingContext } from './deciding-context.ts';
import { EventBuffer } from './event-buffer.ts';
import type { GraphEvent, NodeFailure, RunFinished } from './graph-event.ts';
import { readEvents, type GraphJournal } from './graph-journal.ts';
import { completeNode, replay } from './replay.ts';
import type { GraphRun, RunGraphOptions } from './graph-run.ts';

/** A run that tells of itself: everything happens in reaction to a start, a result or an abort. */
export class EventedRun<Node extends TaskNode, Result> implements GraphRun<Result, Node> {
  readonly #options: RunGraphOptions<Node, Result>;
  readonly #core: SchedulerCore<Node>;
  /** By number of the node; made at its full length, because nodes complete in any order. */
  readonly #results: Result[];
  readonly #events = new EventBuffer<GraphEvent<Result, Node>>();
  readonly #controller = new AbortController();
  readonly #unreported: readonly Skip[];
  readonly #ended = Promise.withResolvers<void>();
  readonly #onAbort = () => this.#guard(() => this.#stop(this.#options.signal?.reason));
  readonly resultOf = (id: string): Result | undefined => this.#results[this.#core.graph.indexOf(id)];
  readonly #journal: GraphJournal | undefined;
  #isHeard = false;
  #begun = false;
  #finished = false;
  #broken: { readonly error: unknown } | undefined;

  constructor(graph: TaskGraph<Node>, options: RunGraphOptions<Node, Result>) {
    this.#options = options;
    this.#core = new SchedulerCore(graph, options);
    this.#results = new Array<Result>(graph.nodes.length);
    const { journal } = options;
    this.#journal = journal;
    const target = { core: this.#core, results: this.#results as unknown[] };
    this.#unreported = journal === undefined ? [] : replay(readEvents<Node>(journal), target);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  statusOf(id: string): NodeStatus {
    return statusName(this.#core.states.status(this.#core.graph.indexOf(id)));
  }

  async finished(): Promise<RunFinished> {
    this.#beginOnce();
    this.#guard(() => this.#begin());
    await this.#ended.promise;
    if (this.#broken !== undefined) throw this.#broken.error;
    return summaryOf(this.#core);
  }

  [Symbol.asyncIterator](): AsyncIterator<GraphEvent<Result, Node>, undefined> {
    this.#beginOnce();
    this.#isHeard = true;
    let isFirst = true;
    return {
      next: () => {
        if (isFirst) this.#guard(() => this.#begin());
        isFirst = false;
        return this.#events.next();
      },
      return: async () => {
        if (!isFirst) {
          this.#guard(() => this.#stop());
          await this.#ended.promise;
          if (this.#broken !== undefined) throw this.#broken.error;
        }
        return { value: undefined, done: true };
      },
    };
  }

  #beginOnce(): void {
    if (this.#begun) throw new GraphError('RUN_STARTED_TWICE', 'a run can be started once only');
    this.#begun = true;
  }

  #begin(): void {
    const { signal } = this.#options;
    const { pending } = countStatuses(this.#core);
    const nodes = this.#core.graph.size;
    this.#emit({ type: 'run_started', nodes, settled: nodes - pending });
    this.#reportSkips(this.#unreported);
    if (signal?.aborted === true) this.#stop(signal.reason);
    else signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Reacts to something, then goes on. Whatever breaks in here, most of all the journal, ends the run. */
  #guard(react: () => void): void {
    try {
      react();
      for (let node = this.#core.take(); node !== NO_NODE; node = this.#core.take()) this.#start(node);
      if (this.#core.isFinished) this.#finish();
    } catch (error) {
      this.#broken ??= { error };
      this.#stop(error);
      if (this.#core.isFinished) this.#finish();
    }
  }

  #stop(reason?: unknown): void {
    this.#core.stop();
    if (!this.#controller.signal.aborted) this.#controller.abort(reason);
  }

  #start(node: number): void {
    const attempt = this.#core.starts(node);
    const value = this.#core.graph.node(node);
    const context = new DecidingContext<Node, Result>(this, attempt);
    let outcome: Result | PromiseLike<Result>;
    try {
      if (this.#isTold) this.#emit({ type: 'node_started', id: value.id, attempt });
    } catch (error) {
      this.#core.putBack(node);
      throw error;
    }
    try {
      outcome = this.#options.run(value, context);
    } catch (error) {
      this.#fail(node, error);
      return;
    }
    if (!isPromiseLike(outcome)) this.#complete(node, outcome, context);
    else {
      (outcome instanceof Promise ? outcome : Promise.resolve(outcome)).then(
        (result: Result) => this.#guard(() => this.#complete(node, result, context)),
        (error: unknown) => this.#guard(() => this.#fail(node, error)),
      );
    }
  }

  #complete(node: number, result: Result, { attempt, decisions }: DecidingContext<Node, Result>): void {
    if (this.#broken !== undefined) {
      this.#core.putBack(node);
      return;
    }
    let skips: readonly Skip[] = [];
    try {
      if (decisions === undefined) this.#core.complete(node);
      else skips = completeNode(this.#core, node, decisions);
    } catch (error) {
      this.#fail(node, error);
      return;
    }
    this.#results[node] = result;
    if (this.#isTold) {
      const { id } = this.#core.graph.node(node);
      this.#emit({ type: 'node_completed', id, attempt, result, ...decisions });
    }
    this.#reportSkips(skips);
  }

  #fail(node: number, thrown: unknown): void {
    const { id } = this.#core.graph.node(node);
    const attempt = this.#core.starts(node);
    if (this.#broken !== undefined || this.signal.aborted) {
      const skips = this.#core.putBack(node);
      if (this.#broken !== undefined) return;
      this.#emit({ type: 'node_interrupted', id, attempt });
      this.#reportSkips(skips);
      return;
    }
    const willRetry = this.#isWorthRetrying(node, thrown);
    let skips: readonly Skip[] = [];
    if (willRetry) this.#core.retry(node);
    else skips = this.#core.fail(node);
    this.#emit({ type: 'node_failed', id, attempt, error: describeFailure(thrown), willRetry });
    this.#reportSkips(skips);
    if (this.#core.isStopped) this.#stop(thrown);
  }

  /** Asks the caller's functions; one that throws breaks the run, and must not leave the node running in it. */
  #isWorthRetrying(node: number, thrown: unknown): boolean {
    const { isRetryable = () => true } = this.#options;
    try {
      return isRetryable(thrown) && this.#core.mayRetry(node);
    } catch (error) {
      this.#core.putBack(node);
      throw error;
    }
  }

  #finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    if (this.#broken === undefined) {
      this.#emit(summaryOf(this.#core));
    }
    this.#events.end(this.#broken);
    this.#ended.resolve();
  }

  #reportSkips(skips: readonly Skip[]): void {
    const { graph } = this.#core;
    for (const { node, because } of skips) {
      this.#emit({ type: 'node_skipped', id: graph.node(node).id, because: graph.node(because).id });
    }
  }

  /** Whether anybody wants events; the two of every node are not even made otherwise. */
  get #isTold(): boolean {
    return this.#isHeard || this.#journal !== undefined;
  }

  /** Nothing is announced that the journal does not have. */
  #emit(event: GraphEvent<Result, Node>): void {
    this.#journal?.append(event.type === 'node_failed' ? withoutCause(event) : event);
    if (this.#isHeard) this.#events.push(event);
  }
}

function summaryOf<Node extends TaskNode>(core: SchedulerCore<Node>): RunFinished {
  const counts = countStatuses(core);
  if (counts.failed > 0) return { type: 'run_finished', outcome: 'failed', counts };
  return { type: 'run_finished', outcome: counts.pending > 0 ? 'cancelled' : 'complete', counts };
}

function isPromiseLike<Value>(value: Value | PromiseLike<Value>): value is PromiseLike<Value> {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  return 'then' in value && typeof value.then === 'function';
}

/** What was thrown may be anything, also what cannot be written down. */
function withoutCause(event: GraphEvent & { readonly type: 'node_failed' }): GraphEvent {
  const { code, message } = event.error;
  return { ...event, error: { code, message } };
}

/** Anything can be thrown, also what cannot be turned into text. */
function describeFailure(thrown: unknown): NodeFailure {
  const isPlainObject = typeof thrown === 'object' && thrown !== null && !('message' in thrown);
  const { code, message } = toSwarmError(isPlainObject ? Object.prototype.toString.call(thrown) : thrown);
  return { code, message, cause: thrown };
}
