import type { IntColumn } from './int-column.ts';

/** What queues answer when they are empty. */
export const NO_NODE = -1;

/** What orders nodes: lower priority first, then higher weight, then the time of entry. */
export interface NodeRank {
  priorityOf(node: number): number;
  weightOf(node: number): number;
}

/** Nodes of one rank, first in first out, linked through a column. */
interface Bucket {
  readonly priority: number;
  readonly weight: number;
  first: number;
  last: number;
}

/**
 * Waiting nodes in order of rank. A graph has few ranks that wait at the same time, so a heap of
 * ranks stays small where a heap of nodes would be as large as the graph.
 */
export class NodeQueue {
  readonly #rank: NodeRank;
  /** The node behind each node; a node may be in one of the queues that share the column. */
  readonly #behind: IntColumn;
  readonly #byPriority = new Map<number, Map<number, Bucket>>();
  readonly #heap: Bucket[] = [];
  /** The one node of a queue that holds no other: it needs no bucket. */
  #only = NO_NODE;

  constructor(rank: NodeRank, behind: IntColumn) {
    this.#rank = rank;
    this.#behind = behind;
  }

  push(node: number): void {
    if (this.#only !== NO_NODE) {
      this.#enter(this.#only);
      this.#only = NO_NODE;
    }
    if (this.#heap.length > 0) this.#enter(node);
    else this.#only = node;
  }

  #enter(node: number): void {
    const priority = this.#rank.priorityOf(node);
    const weight = this.#rank.weightOf(node);
    this.#behind.set(node, NO_NODE);
    const top = this.#heap[0];
    const bucket =
      top?.weight === weight && top.priority === priority ? top : this.#byPriority.get(priority)?.get(weight);
    if (bucket === undefined) {
      this.#open({ priority, weight, first: node, last: node });
    } else {
      this.#behind.set(bucket.last, node);
      bucket.last = node;
    }
  }

  /** Takes the first node out; {@link NO_NODE} when there is none. */
  pop(): number {
    const bucket = this.#heap[0];
    if (bucket === undefined) {
      const only = this.#only;
      this.#only = NO_NODE;
      return only;
    }
    const node = bucket.first;
    if (node === bucket.last) this.#closeTop(bucket);
    else bucket.first = this.#behind.get(node);
    return node;
  }

  #open(bucket: Bucket): void {
    const weights = this.#byPriority.get(bucket.priority) ?? new Map<number, Bucket>();
    if (weights.size === 0) this.#byPriority.set(bucket.priority, weights);
    weights.set(bucket.weight, bucket);
    this.#rise(bucket);
  }

  #closeTop(top: Bucket): void {
    const weights = this.#byPriority.get(top.priority);
    weights?.delete(top.weight);
    if (weights?.size === 0 && this.#byPriority.size > 1) this.#byPriority.delete(top.priority);
    const last = this.#heap.pop();
    if (last !== undefined && last !== top) this.#sink(last);
  }

  #rise(bucket: Bucket): void {
    let place = this.#heap.length;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#heap[above];
      if (parent === undefined || !comesBefore(bucket, parent)) break;
      this.#heap[place] = parent;
      place = above;
    }
    this.#heap[place] = bucket;
  }

  #sink(bucket: Bucket): void {
    let place = 0;
    for (;;) {
      const left = 2 * place + 1;
      const right = this.#heap[left + 1];
      let child = this.#heap[left];
      if (child === undefined) break;
      const isRight = right !== undefined && comesBefore(right, child);
      if (isRight) child = right;
      if (!comesBefore(child, bucket)) break;
      this.#heap[place] = child;
      place = isRight ? left + 1 : left;
    }
    this.#heap[place] = bucket;
  }
}

function comesBefore(a: Bucket, b: Bucket): boolean {
  return a.priority === b.priority ? a.weight > b.weight : a.priority < b.priority;
}
