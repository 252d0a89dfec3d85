import type { TaskNode } from '../task-node.ts';
import { IntColumn } from './int-column.ts';
import { NO_NODE, NodeQueue, type NodeRank } from './node-queue.ts';
import { READY, type NodeStates } from './node-states.ts';
import { hasRoom, ResourceLimits, type Resource } from './resource-limits.ts';

/**
 * The nodes that may start, in order of rank, and the resources they need.
 *
 * A node whose resource is used up is parked with that resource. For every free place of a resource
 * one parked node, if there is any, is among the others again; so no place is left unused, and
 * nothing is looked at twice without reason. A node that lost its readiness while it waited stays
 * linked and is dropped when its turn comes.
 */
export class ReadySet<Node extends TaskNode> {
  readonly #states: NodeStates;
  readonly #behind: IntColumn;
  readonly #queue: NodeQueue;
  readonly #limits: ResourceLimits<Node>;

  constructor(options: {
    readonly states: NodeStates;
    readonly rank: NodeRank;
    readonly size: number;
    readonly limits: Readonly<Record<string, number>>;
    readonly labelsOf: (node: Node) => readonly string[];
  }) {
    const { states, rank, limits, labelsOf } = options;
    this.#states = states;
    this.#behind = new IntColumn(options.size);
    const createQueue = () => new NodeQueue(rank, this.#behind);
    this.#queue = createQueue();
    this.#limits = new ResourceLimits({ limits, labelsOf, createQueue });
  }

  /** Asks what a node uses. */
  resourcesOf(value: Node): readonly Resource[] {
    return this.#limits.ask(value);
  }

  /** Tells of a new node; in the order of their numbers. */
  register(node: number, resources: readonly Resource[]): void {
    this.#behind.grow(node + 1);
    this.#limits.add(resources);
  }

  push(node: number): void {
    if (this.#states.isQueued(node)) return;
    this.#states.setQueued(node, true);
    this.#queue.push(node);
  }

  /** The next node whose resources are free, which it takes; {@link NO_NODE} when there is none. */
  take(): number {
    for (let node = this.#queue.pop(); node !== NO_NODE; node = this.#queue.pop()) {
      const resources = this.#limits.of(node);
      const usedUp = resources.find((resource) => !hasRoom(resource));
      if (this.#states.status(node) === READY && usedUp === undefined) {
        this.#states.setQueued(node, false);
        for (const resource of resources) resource.used += 1;
        return node;
      }
      if (this.#states.status(node) === READY) usedUp?.parked.push(node);
      else this.#states.setQueued(node, false);
      for (const resource of resources) this.#wakeOne(resource);
    }
    return NO_NODE;
  }

  /** Takes what a running node uses, in a set that starts in the middle of things. */
  occupy(node: number): void {
    for (const resource of this.#limits.of(node)) resource.used += 1;
  }

  /** Gives back what a node used. */
  release(node: number): void {
    for (const resource of this.#limits.of(node)) {
      resource.used -= 1;
      this.#wakeOne(resource);
    }
  }

  #wakeOne(resource: Resource): void {
    if (!hasRoom(resource)) return;
    for (let node = resource.parked.pop(); node !== NO_NODE; node = resource.parked.pop()) {
      if (this.#states.status(node) === READY) {
        this.#queue.push(node);
        return;
      }
      this.#states.setQueued(node, false);
    }
  }
}
