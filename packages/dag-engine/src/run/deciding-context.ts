import type { AddedDependency } from '../scheduler/growing-graph.ts';
import type { TaskNode } from '../task-graph.ts';
import type { GraphGrowth } from './graph-event.ts';
import type { NodeContext } from './run-graph.ts';

/** What a context needs of its run. */
export interface ContextSource<Result> {
  readonly signal: AbortSignal;
  resultOf(id: string): Result | undefined;
}

/** Keeps what an attempt decides until it completes. */
export class DecidingContext<Node extends TaskNode, Result> implements NodeContext<Node, Result> {
  readonly attempt: number;
  readonly #source: ContextSource<Result>;
  #nodes: Node[] | undefined;
  #dependencies: AddedDependency[] | undefined;
  #skips: string[] | undefined;

  constructor(source: ContextSource<Result>, attempt: number) {
    this.#source = source;
    this.attempt = attempt;
  }

  get signal(): AbortSignal {
    return this.#source.signal;
  }

  get decisions(): { growth?: GraphGrowth<Node>; skips?: readonly string[] } | undefined {
    if (this.#nodes === undefined && this.#skips === undefined) return undefined;
    return {
      ...(this.#nodes === undefined
        ? {}
        : { growth: { nodes: this.#nodes, dependencies: this.#dependencies ?? [] } }),
      ...(this.#skips === undefined ? {} : { skips: this.#skips }),
    };
  }

  resultOf(id: string): Result | undefined {
    return this.#source.resultOf(id);
  }

  add(nodes: readonly Node[], dependencies: readonly AddedDependency[] = []): void {
    this.#nodes = [...(this.#nodes ?? []), ...nodes];
    this.#dependencies = [...(this.#dependencies ?? []), ...dependencies];
  }

  skip(id: string): void {
    this.#skips = [...(this.#skips ?? []), id];
  }
}
