import type { TaskNode } from '../src/index.ts';

/** Shapes that differ in what is ready at a time: one node, all of them, something between. */
export type Shape = 'chain' | 'fan' | 'random';

/** Nodes of a shape. Every id is one string, however often it is named, for every contestant. */
export function createNodes(shape: Shape, count: number): TaskNode[] {
  const ids = Array.from({ length: count }, (_, index) => String(index).padStart(7, 'n'));
  const random = createRandom(count);
  return ids.map((id, index) => ({
    id,
    dependsOn: dependenciesOf(shape, index, random).map((at) => ids[at] ?? id),
  }));
}

function dependenciesOf(shape: Shape, index: number, random: () => number): readonly number[] {
  if (index === 0) return [];
  if (shape === 'chain') return [index - 1];
  if (shape === 'fan') return [0];
  const some = Array.from({ length: 1 + Math.floor(3 * random()) }, () => Math.floor(index * random()));
  return [...new Set(some)];
}

/** Mulberry32: the same graph in every run. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
