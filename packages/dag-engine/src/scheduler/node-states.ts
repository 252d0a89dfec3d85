import type { NodeStatus } from '../node-status.ts';
import { IntColumn } from './int-column.ts';

export const PENDING = 0;
/** Pending, and nothing is left to wait for. */
export const READY = 1;
export const RUNNING = 2;
export const COMPLETE = 3;
export const FAILED = 4;
export const SKIPPED = 5;

const NAMES: readonly NodeStatus[] = ['pending', 'pending', 'running', 'complete', 'failed', 'skipped'];

const STATUS_BITS = 7;
/** A dependency has completed: what was skipped by decision does not keep the node from running. */
const SATISFIED = 8;
/** Still linked in a queue, whatever its status. */
const QUEUED = 16;
/** Behind a failure: nothing that depends on it may run. */
const LOST = 32;
/** Above the marks: how many dependencies a node waits for. A graph has fewer edges than fit. */
const WAITING_SHIFT = 6;
const WAITING_ONE = 1 << WAITING_SHIFT;

export function statusName(status: number): NodeStatus {
  return NAMES[status] ?? 'pending';
}

export function statusNumber(name: NodeStatus): number {
  return name === 'pending' ? PENDING : NAMES.indexOf(name);
}

/**
 * The status of each node, three marks and what it waits for, in one number: what happens to a dependency reads and
 * writes one place of memory, which is most of what that costs in a large graph. Keeps count of the statuses.
 */
export class NodeStates {
  readonly #states: IntColumn;
  readonly #counts = new Int32Array(SKIPPED + 1);

  constructor(count: number) {
    this.#states = new IntColumn(count);
    this.#counts[PENDING] = count;
  }

  grow(from: number, to: number): void {
    this.#states.grow(to);
    this.#counts[PENDING] = this.count(PENDING) + to - from;
  }

  count(status: number): number {
    return this.#counts[status] ?? 0;
  }

  status(node: number): number {
    return this.#states.get(node) & STATUS_BITS;
  }

  setStatus(node: number, status: number): void {
    const state = this.#states.get(node);
    const before = state & STATUS_BITS;
    this.#counts[before] = this.count(before) - 1;
    this.#counts[status] = this.count(status) + 1;
    this.#states.set(node, (state & ~STATUS_BITS) | status);
  }

  /** Dependencies that have not ended. */
  waiting(node: number): number {
    return this.#states.get(node) >>> WAITING_SHIFT;
  }

  setWaiting(node: number, waiting: number): void {
    this.#states.set(node, (this.#states.get(node) & (WAITING_ONE - 1)) | (waiting << WAITING_SHIFT));
  }

  /** A dependency has completed; gives how many are left. */
  satisfy(node: number): number {
    const state = (this.#states.get(node) - WAITING_ONE) | SATISFIED;
    this.#states.set(node, state);
    return state >>> WAITING_SHIFT;
  }

  isSatisfied(node: number): boolean {
    return (this.#states.get(node) & SATISFIED) !== 0;
  }

  markSatisfied(node: number): void {
    this.#states.set(node, this.#states.get(node) | SATISFIED);
  }

  isLost(node: number): boolean {
    return (this.#states.get(node) & LOST) !== 0;
  }

  markLost(node: number): void {
    this.#states.set(node, this.#states.get(node) | LOST);
  }

  isQueued(node: number): boolean {
    return (this.#states.get(node) & QUEUED) !== 0;
  }

  setQueued(node: number, queued: boolean): void {
    const state = this.#states.get(node);
    this.#states.set(node, queued ? state | QUEUED : state & ~QUEUED);
  }
}
