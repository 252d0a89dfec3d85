import type { AddedDependency } from '../scheduler/growing-graph.ts';
import type { TaskNode } from '../task-node.ts';
import type { GraphGrowth } from './graph-event.ts';
import type { NodeContext } from './graph-run.ts';

/** What a context needs of its run. */
export interface ContextSource<Result> {
  readonly signal: AbortSignal;
  readonly resultOf: (id: string) => Result | undefined;
}

/**
 * Keeps what an attempt decides until it completes. Its functions work without it, as in
 * `(node, { add }) => …`, and exist once asked for: most nodes decide nothing.
 */
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

  get resultOf(): (id: string) => Result | undefined {
    return this.#source.resultOf;
  }

  get add(): NodeContext<Node, Result>['add'] {
    return (nodes, dependencies = []) => {
      this.#nodes = [...(this.#nodes ?? []), ...nodes];
      this.#dependencies = [...(this.#dependencies ?? []), ...dependencies];
    };
  }

  get skip(): (id: string) => void {
    return (id) => {
      this.#skips = [...(this.#skips ?? []), id];
    };
  }
}
