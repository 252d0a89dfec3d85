import { isSwarmError } from '@agentswarm/core';
import { describe, expect, it } from 'vitest';
import { GraphError, type GraphProblem } from './graph-error.ts';
import { addNodes, createTaskGraph } from './task-graph.ts';
import type { TaskNode } from './task-node.ts';

function problemsOf(build: () => unknown): readonly GraphProblem[] {
  try {
    build();
  } catch (error) {
    if (error instanceof GraphError) return error.problems;
    throw error;
  }
  return [];
}

const diamond = [
  { id: 'end', dependsOn: ['left', 'right'], points: 1 },
  { id: 'left', dependsOn: ['start'], points: 2 },
  { id: 'right', dependsOn: ['start', 'start'], points: 3 },
  { id: 'start', points: 4 },
];

describe('createTaskGraph', () => {
  it('takes nodes in any order and knows their neighbours', () => {
    const graph = createTaskGraph(diamond);
    expect(graph.nodes).toEqual(diamond);
    expect(graph.node('left').points).toBe(2);
    expect(graph.dependenciesOf('end')).toEqual(['left', 'right']);
    expect(graph.dependenciesOf('right')).toEqual(['start']);
    expect(graph.dependentsOf('start')).toEqual(['left', 'right']);
    expect([graph.has('end'), graph.has('other')]).toEqual([true, false]);
  });

  it('lists every problem at once', () => {
    const nodes: TaskNode[] = [
      { id: '' },
      { id: 'a', dependsOn: ['missing', 'a'] },
      { id: 'b' },
      { id: 'b' },
      { id: 'b' },
      { id: 'x', dependsOn: ['y'] },
      { id: 'y', dependsOn: ['z', 'gone'] },
      { id: 'z', dependsOn: ['x'] },
      { id: 'p', dependsOn: ['q', 'x'] },
      { id: 'q', dependsOn: ['p'] },
    ];
    const build = () => createTaskGraph(nodes);
    expect(problemsOf(build)).toEqual([
      { kind: 'empty_id', index: 0 },
      { kind: 'duplicate_id', id: 'b' },
      { kind: 'unknown_dependency', id: 'a', dependency: 'missing' },
      { kind: 'self_edge', id: 'a' },
      { kind: 'unknown_dependency', id: 'y', dependency: 'gone' },
      { kind: 'cycle', path: ['x', 'y', 'z', 'x'] },
      { kind: 'cycle', path: ['p', 'q', 'p'] },
    ]);
    expect(build).toThrowErrorMatchingInlineSnapshot(`
      [GraphError: task graph is invalid:
        node 0 has an empty id
        duplicate id "b"
        "a" depends on "missing", which does not exist
        "a" depends on itself
        "y" depends on "gone", which does not exist
        cycle (each depends on the next): x → y → z → x
        cycle (each depends on the next): p → q → p]
    `);
    expect(build).toThrow(expect.objectContaining({ code: 'GRAPH_INVALID' }));
  });

  it('keeps the message readable when there are many problems or a long cycle', () => {
    const many = Array.from({ length: 50 }, (_, index) => ({ id: `n${index}`, dependsOn: ['gone'] }));
    expect(() => createTaskGraph(many)).toThrow('… and 30 more');
    const ring = Array.from({ length: 40 }, (_, index) => ({
      id: `n${index}`,
      dependsOn: [`n${(index + 1) % 40}`],
    }));
    expect(() => createTaskGraph(ring)).toThrow('n5 → (29 more) → n35');
    expect(problemsOf(() => createTaskGraph(ring))).toEqual([
      { kind: 'cycle', path: [...ring.map((node) => node.id), 'n0'] },
    ]);
  });

  it('does not change when what it was made of or gives out is changed', () => {
    const dependsOn = ['a'];
    const nodes = [{ id: 'a' }, { id: 'b', dependsOn }];
    const graph = createTaskGraph(nodes);
    nodes.pop();
    dependsOn.push('c');
    expect(graph.nodes.map((node) => node.id)).toEqual(['a', 'b']);
    expect(graph.dependenciesOf('b')).toEqual(['a']);
    const given = [graph, graph.nodes, graph.dependenciesOf('b'), graph.dependentsOf('a')];
    expect(given.map((value) => Object.isFrozen(value))).toEqual([true, true, true, true]);
  });

  it('refuses questions about nodes it does not have', () => {
    const graph = createTaskGraph([{ id: 'a' }]);
    const questions = [
      (id: string) => graph.node(id),
      (id: string) => graph.dependenciesOf(id),
      (id: string) => graph.dependentsOf(id),
    ];
    for (const question of questions) {
      expect(() => question('b')).toThrow(
        expect.objectContaining({ code: 'NODE_UNKNOWN', details: { id: 'b' } }),
      );
    }
  });

  it('takes any text as id', () => {
    const ids = ['__proto__', 'constructor', ' ', '0', 'é"\n'];
    const graph = createTaskGraph(ids.map((id, index) => ({ id, dependsOn: ids.slice(0, index) })));
    expect(graph.dependenciesOf('é"\n')).toEqual(ids.slice(0, 4));
    expect(graph.has('toString')).toBe(false);
  });
});

describe('addNodes', () => {
  it('gives a larger graph and leaves the old one alone', () => {
    const graph = createTaskGraph<TaskNode>([{ id: 'a' }]);
    const larger = addNodes(graph, [
      { id: 'c', dependsOn: ['b', 'a'] },
      { id: 'b', dependsOn: ['a'] },
    ]);
    expect(larger.nodes.map((node) => node.id)).toEqual(['a', 'c', 'b']);
    expect(larger.dependentsOf('a')).toEqual(['c', 'b']);
    expect(graph.nodes).toEqual([{ id: 'a' }]);
    expect(graph.dependentsOf('a')).toEqual([]);
  });

  it('refuses existing ids, unknown dependencies and cycles', () => {
    const graph = createTaskGraph<TaskNode>([{ id: 'a' }]);
    const grow = () =>
      addNodes(graph, [{ id: 'a' }, { id: 'b', dependsOn: ['c', 'gone'] }, { id: 'c', dependsOn: ['b'] }]);
    expect(problemsOf(grow)).toEqual([
      { kind: 'duplicate_id', id: 'a' },
      { kind: 'unknown_dependency', id: 'b', dependency: 'gone' },
      { kind: 'cycle', path: ['b', 'c', 'b'] },
    ]);
  });
});

it('throws errors that are recognised as AgentSwarm errors', () => {
  const error = new GraphError('NODE_UNKNOWN', 'no');
  expect(isSwarmError(error)).toBe(true);
  expect(error).toMatchObject({ name: 'GraphError', problems: [], traits: { retryable: false } });
});
