import type { Adjacency } from './adjacency.ts';
import type { Reaches } from './reachability.ts';

/** Where the children of a branch or split come together again. */
export type Join =
  | { readonly kind: 'none' }
  | { readonly kind: 'merge'; readonly id: string }
  /** Merges that all children reach, none of them before another; the node names none of them. */
  | { readonly kind: 'ambiguous'; readonly candidates: readonly string[] }
  /** The node names something that is no candidate. */
  | { readonly kind: 'refused'; readonly candidates: readonly string[] };

/**
 * Finds the join of every branch and split: the merge reachable from each of its out-edges with no other such merge
 * before it. Expects ids in topological order, which makes the first merge found a nearest one.
 */
export function findJoins(
  graph: Adjacency,
  order: readonly string[],
  reaches: Reaches,
): ReadonlyMap<string, Join> {
  const merges = order.filter((id) => graph.find(id)?.role === 'merge');
  const spawners = graph.nodes.filter(({ role }) => role === 'branch' || role === 'split');
  return new Map(
    spawners.map((node) => {
      const heads = graph.outEdges(node.id).map(({ to }) => to);
      return [node.id, chooseJoin(node.join, nearestMerges(heads, merges, reaches))];
    }),
  );
}

function nearestMerges(
  heads: readonly string[],
  merges: readonly string[],
  reaches: Reaches,
): readonly string[] {
  const nearest: string[] = [];
  for (const merge of heads.length === 0 ? [] : merges) {
    const isNearest = !nearest.some((other) => reaches(other, merge));
    if (isNearest && heads.every((head) => reaches(head, merge))) nearest.push(merge);
  }
  return nearest;
}

function chooseJoin(named: string | null, candidates: readonly string[]): Join {
  if (named !== null) {
    return candidates.includes(named) ? { kind: 'merge', id: named } : { kind: 'refused', candidates };
  }
  const [only, ...others] = candidates;
  if (only === undefined) return { kind: 'none' };
  return others.length === 0 ? { kind: 'merge', id: only } : { kind: 'ambiguous', candidates };
}
