import fc from 'fast-check';
import { expect, it } from 'vitest';
import { criticalPath, criticalPathWeights } from './critical-path.ts';
import { GraphError } from './graph-error.ts';
import { getReadyNodes, isComplete, markDownstreamSkipped, type NodeStatus } from './node-status.ts';
import { createTaskGraph, type TaskGraph } from './task-graph.ts';
import { topologicalSort } from './topological-sort.ts';

interface WeightedNode {
  readonly id: string;
  readonly dependsOn: readonly string[];
  readonly weight: number;
}

const MAX_NODES = 12;

/** Any directed graph, as a list of nodes in any order. */
const digraph = fc.integer({ min: 1, max: MAX_NODES }).chain((size) =>
  fc.record({
    size: fc.constant(size),
    edges: fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 2 * size }),
    weights: fc.array(fc.nat(9), { minLength: size, maxLength: size }),
    order: fc.shuffledSubarray([...Array(size).keys()], { minLength: size }),
  }),
);

/** The same without cycles: every edge runs from a lower to a higher number. */
const dag = digraph.map((graph) => ({
  ...graph,
  edges: graph.edges.filter(([from, to]) => from < to),
}));

type Digraph = typeof digraph extends fc.Arbitrary<infer Value> ? Value : never;

function nodesOf({ edges, weights, order }: Digraph): WeightedNode[] {
  return order.map((number) => ({
    id: `n${number}`,
    dependsOn: edges.filter(([, to]) => to === number).map(([from]) => `n${from}`),
    weight: weights[number] ?? 0,
  }));
}

/** reaches[a][b]: b depends on a, directly or not. The slow and obvious way. */
function reachability({ size, edges }: Digraph): boolean[][] {
  const reaches = Array.from({ length: size }, () => Array<boolean>(size).fill(false));
  const set = (from: number, to: number) => {
    const row = reaches[from];
    if (row) row[to] = true;
  };
  for (const [from, to] of edges) set(from, to);
  for (let via = 0; via < size; via += 1) {
    for (let from = 0; from < size; from += 1) {
      for (let to = 0; to < size; to += 1) {
        if (reaches[from]?.[via] && reaches[via]?.[to]) set(from, to);
      }
    }
  }
  return reaches;
}

it('refuses exactly the graphs with a cycle, and shows real cycles', () => {
  fc.assert(
    fc.property(digraph, (sample) => {
      const cyclic = reachability(sample).some((row, index) => row[index]);
      const nodes = nodesOf(sample);
      try {
        createTaskGraph(nodes);
        expect(cyclic).toBe(false);
      } catch (error) {
        if (!(error instanceof GraphError)) throw error;
        expect(cyclic).toBe(true);
        for (const problem of error.problems) {
          const path =
            problem.kind === 'cycle'
              ? problem.path
              : problem.kind === 'self_edge'
                ? [problem.id, problem.id]
                : [];
          expect(path.length).toBeGreaterThan(1);
          expect(path[0]).toBe(path.at(-1));
          path.slice(1).forEach((next, index) => {
            expect(nodes.find((node) => node.id === path[index])?.dependsOn).toContain(next);
          });
        }
      }
    }),
    { numRuns: 500 },
  );
});

it('sorts every node after its dependencies, and keeps an order that is valid', () => {
  fc.assert(
    fc.property(dag, (sample) => {
      const sorted = topologicalSort(createTaskGraph(nodesOf(sample)));
      const position = new Map(sorted.map((node, index) => [node.id, index]));
      expect(position.size).toBe(sample.size);
      for (const node of sorted) {
        for (const dependency of node.dependsOn) {
          expect(position.get(dependency)).toBeLessThan(position.get(node.id) ?? -1);
        }
      }
      expect(topologicalSort(createTaskGraph(sorted))).toEqual(sorted);
    }),
  );
});

it('drains every graph without deadlock, whichever ready node runs', () => {
  fc.assert(
    fc.property(dag, fc.infiniteStream(fc.nat()), (sample, choices) => {
      const graph = createTaskGraph(nodesOf(sample));
      const statuses = new Map<string, NodeStatus>();
      for (let done = 0; done < sample.size; done += 1) {
        expect(isComplete(graph, statuses)).toBe(false);
        const ready = getReadyNodes(graph, statuses);
        const chosen = ready[(choices.next().value ?? 0) % ready.length];
        expect(chosen).toBeDefined();
        if (chosen === undefined) return;
        for (const dependency of chosen.dependsOn) expect(statuses.get(dependency)).toBe('complete');
        statuses.set(chosen.id, 'complete');
      }
      expect(getReadyNodes(graph, statuses)).toEqual([]);
      expect(isComplete(graph, statuses)).toBe(true);
    }),
  );
});

it('skips exactly what depends on a node', () => {
  fc.assert(
    fc.property(dag, fc.nat(MAX_NODES), (sample, choice) => {
      const graph = createTaskGraph(nodesOf(sample));
      const failed = choice % sample.size;
      const statuses = new Map<string, NodeStatus>([[`n${failed}`, 'failed']]);
      const marked = markDownstreamSkipped(graph, statuses, `n${failed}`);
      const expected = [...Array(sample.size).keys()].filter(
        (other) => reachability(sample)[failed]?.[other],
      );
      expect([...marked.keys()].filter((id) => marked.get(id) === 'skipped').toSorted()).toEqual(
        expected.map((number) => `n${number}`).toSorted(),
      );
      expect(marked.get(`n${failed}`)).toBe('failed');
      expect(statuses.size).toBe(1);
    }),
  );
});

it('weighs each node by the heaviest chain that starts with it', () => {
  const heaviestFrom = (graph: TaskGraph<WeightedNode>, id: string): number =>
    graph.node(id).weight + Math.max(0, ...graph.dependentsOf(id).map((next) => heaviestFrom(graph, next)));
  fc.assert(
    fc.property(dag, (sample) => {
      const graph = createTaskGraph(nodesOf(sample));
      const weights = criticalPathWeights(graph, (node) => node.weight);
      for (const node of graph.nodes) expect(weights.get(node.id)).toBe(heaviestFrom(graph, node.id));
      const path = criticalPath(graph, (node) => node.weight);
      expect(path.weight).toBe(Math.max(...weights.values()));
      expect(path.nodes.reduce((sum, node) => sum + node.weight, 0)).toBe(path.weight);
      path.nodes.slice(1).forEach((node, index) => {
        expect(node.dependsOn).toContain(path.nodes[index]?.id);
      });
    }),
  );
});

it('handles a chain of 100,000 nodes without running out of stack', () => {
  const LENGTH = 100_000;
  const chain = Array.from({ length: LENGTH }, (_, index) => ({
    id: `n${index}`,
    dependsOn: index === LENGTH - 1 ? [] : [`n${index + 1}`],
  }));
  const graph = createTaskGraph(chain);
  const last = `n${LENGTH - 1}`;
  expect(topologicalSort(graph)).toEqual(chain.toReversed());
  expect(criticalPath(graph).weight).toBe(LENGTH);
  expect(getReadyNodes(graph, new Map()).map((node) => node.id)).toEqual([last]);
  expect(markDownstreamSkipped(graph, new Map(), last).size).toBe(LENGTH - 1);
  const ring = [...chain.slice(0, -1), { id: last, dependsOn: ['n0'] }];
  expect(() => createTaskGraph(ring)).toThrow(GraphError);
});
