import { expect, it } from 'vitest';
import { taskGraphFromJson } from './task-graph-from-json.ts';

it('reads nodes with their other fields', () => {
  const graph = taskGraphFromJson('{"nodes":[{"id":"a","note":{"x":1}},{"id":"b","dependsOn":["a"]}]}');
  expect(graph.node('a')['note']).toEqual({ x: 1 });
  expect(graph.dependentsOf('a')).toEqual(['b']);
});

it('names every field of another form', () => {
  const text = '{"nodes":[{"id":7},{"id":"b","dependsOn":"a"},{"id":""}],"edges":[]}';
  expect(() => taskGraphFromJson(text)).toThrow(
    expect.objectContaining({
      code: 'GRAPH_JSON_INVALID',
      message: expect.stringMatching(/nodes\.0\.id.*\n.*nodes\.1\.dependsOn.*\n.*nodes\.2\.id.*\n.*edges/),
    }),
  );
});

it.each(['', '{', '[]', 'null', '{"nodes":{}}'])('refuses the text %j', (text) => {
  expect(() => taskGraphFromJson(text)).toThrow(expect.objectContaining({ code: 'GRAPH_JSON_INVALID' }));
});

it('validates the graph', () => {
  expect(() => taskGraphFromJson('{"nodes":[{"id":"a","dependsOn":["a"]}]}')).toThrow(
    expect.objectContaining({ code: 'GRAPH_INVALID', problems: [{ kind: 'self_edge', id: 'a' }] }),
  );
});

it('does not let a field reach a prototype', () => {
  taskGraphFromJson('{"nodes":[{"id":"a","__proto__":{"polluted":true}}]}');
  expect(Reflect.get({}, 'polluted')).toBeUndefined();
});
