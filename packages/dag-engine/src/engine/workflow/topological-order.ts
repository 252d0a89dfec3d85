import type { Adjacency } from './adjacency.ts';

/** Ids so that every edge goes forward, or a cycle: each id leads to the next, the last is the first again. */
export type TopologicalOrder =
  | { readonly ok: true; readonly order: readonly string[] }
  | { readonly ok: false; readonly cycle: readonly string[] };

/** Orders the nodes, those that are free at the same time by declaration. */
export function orderTopologically(graph: Adjacency): TopologicalOrder {
  const open = new Map(graph.nodes.map(({ id }) => [id, graph.inEdges(id).length]));
  const order = graph.nodes.map(({ id }) => id).filter((id) => open.get(id) === 0);
  for (const id of order) {
    for (const { to } of graph.outEdges(id)) {
      const left = (open.get(to) ?? 0) - 1;
      open.set(to, left);
      if (left === 0) order.push(to);
    }
  }
  const stuck = graph.nodes.map(({ id }) => id).find((id) => (open.get(id) ?? 0) > 0);
  return stuck === undefined ? { ok: true, order } : { ok: false, cycle: cycleBefore(graph, stuck, open) };
}

/** Every node that is stuck has a predecessor that is; following them must come back. */
function cycleBefore(graph: Adjacency, stuck: string, open: ReadonlyMap<string, number>): readonly string[] {
  const path: string[] = [];
  const places = new Map<string, number>();
  let id: string | undefined = stuck;
  while (id !== undefined && !places.has(id)) {
    places.set(id, path.length);
    path.push(id);
    id = graph.inEdges(id).find(({ from }) => (open.get(from) ?? 0) > 0)?.from;
  }
  return closed(graph, path.slice(places.get(id ?? stuck)).reverse());
}

/** From the node declared first, and back to it. */
function closed(graph: Adjacency, cycle: readonly string[]): readonly string[] {
  const members = new Set(cycle);
  const first = graph.nodes.find(({ id }) => members.has(id))?.id ?? '';
  const turn = cycle.indexOf(first);
  return [...cycle.slice(turn), ...cycle.slice(0, turn), first];
}
