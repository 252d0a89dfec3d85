import { GraphError } from '../graph-error.ts';
import type { TaskNode } from '../task-node.ts';
import type { NodeQueue } from './node-queue.ts';

/** Something only so many nodes may use at a time. */
export interface Resource {
  readonly limit: number;
  used: number;
  /** Nodes that were next and found it used up. */
  readonly parked: NodeQueue;
}

const NONE: readonly Resource[] = [];

/** Which limited resources each node uses. */
export class ResourceLimits<Node extends TaskNode> {
  readonly #resources = new Map<string, Resource>();
  readonly #labelsOf: (node: Node) => readonly string[];
  readonly #ofNode: (readonly Resource[])[] = [];

  /** @throws {GraphError} OPTION_INVALID when a limit is not a whole number of at least 1. */
  constructor(options: {
    readonly limits: Readonly<Record<string, number>>;
    readonly labelsOf: (node: Node) => readonly string[];
    readonly createQueue: () => NodeQueue;
  }) {
    this.#labelsOf = options.labelsOf;
    for (const [label, limit] of Object.entries(options.limits)) {
      assertLimit(`limit of "${label}"`, limit);
      this.#resources.set(label, { limit, used: 0, parked: options.createQueue() });
    }
  }

  /** Asks what a node uses. */
  ask(node: Node): readonly Resource[] {
    if (this.#resources.size === 0) return NONE;
    const resources = new Set<Resource>();
    for (const label of this.#labelsOf(node)) {
      const resource = this.#resources.get(label);
      if (resource !== undefined) resources.add(resource);
    }
    return resources.size === 0 ? NONE : [...resources];
  }

  /** Keeps what a new node uses; in the order of their numbers. */
  add(resources: readonly Resource[]): void {
    if (this.#resources.size > 0) this.#ofNode.push(resources);
  }

  of(node: number): readonly Resource[] {
    return this.#ofNode[node] ?? NONE;
  }
}

export function hasRoom(resource: Resource): boolean {
  return resource.used < resource.limit;
}

/** @throws {GraphError} OPTION_INVALID unless it is a whole number of at least `least`, or infinite. */
export function assertLimit(what: string, limit: number, least = 1): void {
  if (limit === Infinity || (Number.isInteger(limit) && limit >= least)) return;
  throw new GraphError(
    'OPTION_INVALID',
    `${what} is ${limit}; it must be a whole number of at least ${least}`,
    {
      details: { limit: String(limit) },
    },
  );
}
