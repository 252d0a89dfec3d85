import type { EdgeLists } from './edge-lists.ts';

/** A knot of cycles can hold more cycles than anybody could read. */
const MAX_CYCLES = 100;

const NEW = 0;
const OPEN = 1;
const CLOSED = 2;

/** Told of an edge from the last node of the stack to `to`, which is on the stack too. */
type BackEdge = (stack: readonly number[], to: number) => void;

/**
 * The nodes so that each comes after those it depends on, otherwise in the order of their numbers;
 * meaningful without cycles only. Without recursion: chains may be a million long.
 */
export function visitDepthFirst(dependencies: EdgeLists, onBackEdge?: BackEdge): Uint32Array {
  const count = dependencies.nodeCount;
  const order = new Uint32Array(count);
  const state = new Uint8Array(count);
  const nextEdge = new Uint32Array(count);
  const stack: number[] = [];
  let visited = 0;
  for (let root = 0; root < count; root += 1) {
    if (state[root] === NEW) stack.push(root);
    for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
      if (state[node] === NEW) {
        state[node] = OPEN;
        nextEdge[node] = dependencies.begin(node);
      }
      const edge = nextEdge[node] ?? 0;
      if (edge === dependencies.end(node)) {
        state[node] = CLOSED;
        order[visited] = node;
        visited += 1;
        stack.pop();
        continue;
      }
      nextEdge[node] = edge + 1;
      const dependency = dependencies.target(edge);
      if (state[dependency] === NEW) stack.push(dependency);
      else if (state[dependency] === OPEN) onBackEdge?.(stack, dependency);
    }
  }
  return order;
}

/** Cycles that share no start or end, at most 100; each starts and ends with the same node. */
export function findCycles(dependencies: EdgeLists): number[][] {
  const cycles: number[][] = [];
  const inCycle = new Set<number>();
  visitDepthFirst(dependencies, (stack, to) => {
    const from = stack.at(-1) ?? to;
    if (cycles.length === MAX_CYCLES || inCycle.has(from) || inCycle.has(to)) return;
    const path = stack.slice(stack.lastIndexOf(to));
    for (const node of path) inCycle.add(node);
    cycles.push([...path, to]);
  });
  return cycles;
}

/** Whether there is a cycle; much cheaper than finding it. */
export function hasCycle(dependencies: EdgeLists, dependents: EdgeLists): boolean {
  const count = dependencies.nodeCount;
  const waiting = new Uint32Array(count);
  const free = new Uint32Array(count);
  let found = 0;
  for (let node = 0; node < count; node += 1) {
    waiting[node] = dependencies.degree(node);
    if (waiting[node] === 0) {
      free[found] = node;
      found += 1;
    }
  }
  for (let done = 0; done < found; done += 1) {
    const node = free[done] ?? 0;
    for (let edge = dependents.begin(node); edge < dependents.end(node); edge += 1) {
      const dependent = dependents.target(edge);
      const left = (waiting[dependent] ?? 0) - 1;
      waiting[dependent] = left;
      if (left > 0) continue;
      free[found] = dependent;
      found += 1;
    }
  }
  return found < count;
}
