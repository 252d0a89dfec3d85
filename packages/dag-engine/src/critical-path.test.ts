import { expect, it } from 'vitest';
import { criticalPath, criticalPathWeights } from './critical-path.ts';
import { createTaskGraph } from './task-graph.ts';

const graph = createTaskGraph([
  { id: 'start', cost: 1 },
  { id: 'slow', dependsOn: ['start'], cost: 5 },
  { id: 'fast', dependsOn: ['start'], cost: 2 },
  { id: 'end', dependsOn: ['slow', 'fast'], cost: 1 },
]);

it('gives the heaviest chain, of equal ones the first', () => {
  const ids = (path: ReturnType<typeof criticalPath>) => path.nodes.map((node) => node.id);
  const weighted = criticalPath(graph, (node) => node.cost);
  expect([ids(weighted), weighted.weight]).toEqual([['start', 'slow', 'end'], 7]);
  const inverse = criticalPath(graph, (node) => 6 - node.cost);
  expect([ids(inverse), inverse.weight]).toEqual([['start', 'fast', 'end'], 14]);
  expect(ids(criticalPath(graph))).toEqual(['start', 'slow', 'end']);
});

it('is empty for an empty graph', () => {
  expect(criticalPath(createTaskGraph([]))).toEqual({ nodes: [], weight: 0 });
});

it('counts nodes when no weight is given', () => {
  expect([...criticalPathWeights(graph)].toSorted()).toEqual([
    ['end', 1],
    ['fast', 2],
    ['slow', 2],
    ['start', 3],
  ]);
});

it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('refuses the weight %d', (weight) => {
  expect(() => criticalPathWeights(graph, () => weight)).toThrow(
    expect.objectContaining({ code: 'WEIGHT_INVALID' }),
  );
});
