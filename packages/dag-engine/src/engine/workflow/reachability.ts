import type { Adjacency } from './adjacency.ts';

/** Whether a path leads from one node to another; a node reaches itself. */
export type Reaches = (from: string, to: string) => boolean;

const BITS = 32;

/**
 * Answers questions about paths between known nodes. The first question about a target walks the graph backwards from
 * it and keeps one bit for each node; every further one is a lookup.
 */
export function createReachability(graph: Adjacency): Reaches {
  const indexes = new Map(graph.nodes.map(({ id }, index) => [id, index]));
  const known = new Map<string, Uint32Array>();
  const ancestorsOf = (target: string): Uint32Array => {
    const bits = new Uint32Array(Math.ceil(indexes.size / BITS));
    for (const id of graph.ancestors([target])) {
      const index = indexes.get(id) ?? 0;
      bits[Math.floor(index / BITS)] = (bits[Math.floor(index / BITS)] ?? 0) | (1 << (index % BITS));
    }
    known.set(target, bits);
    return bits;
  };
  return (from, to) => {
    const index = indexes.get(from);
    if (index === undefined || !indexes.has(to)) return false;
    const bits = known.get(to) ?? ancestorsOf(to);
    return ((bits[Math.floor(index / BITS)] ?? 0) & (1 << (index % BITS))) !== 0;
  };
}
