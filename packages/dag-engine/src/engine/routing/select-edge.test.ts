import { expect, it } from 'vitest';
import type { JsonValue } from '../model/json.ts';
import { selectEdge } from './select-edge.ts';

const edge = (to: string, label: string | null) => ({ edge_id: null, from: 'd', to, label });
const EDGES = [
  edge('a', 'p'),
  edge('b', '42'),
  edge('c', null),
  edge('d', 'true'),
  edge('e', ''),
  edge('f', '__proto__'),
];

it.each<[JsonValue, string]>([
  ['p', 'a'],
  [42, 'b'],
  [true, 'd'],
  ['', 'e'],
  [{ selected_edge: 'p' }, 'a'],
  [{ selected_edge_label: 42 }, 'b'],
  [{ condition: 'c' }, 'c'],
  [{ route: 'p', payload: [1] }, 'a'],
  [{ next: 'p' }, 'a'],
  [{ decision: 'p' }, 'a'],
  [{ decision: 'p', next: 'c', route: 42, condition: true, selected_edge_label: '' }, 'e'],
  [{ selected_edge: null, route: 'p' }, 'a'],
  [{ selected_edge: '__proto__' }, 'f'],
])('%j leads to %s', (output, to) => {
  expect(selectEdge(EDGES, output)).toMatchObject({ kind: 'selected', edge: { to } });
});

it.each<[JsonValue, string]>([
  [null, 'null'],
  [{ unknown: 1 }, 'cannot extract'],
  [{}, 'cannot extract'],
  [{ route: null }, 'cannot extract'],
  [['p'], 'cannot extract'],
  [{ route: ['p'] }, 'cannot extract'],
  [{ selected_edge: {}, route: 'p' }, 'cannot extract'],
  ['Z', 'p, 42, c, true, , __proto__'],
  ['a', 'no edge is labelled "a"'],
])('%j leads nowhere: %s', (output, reason) => {
  const selection = selectEdge(EDGES, output);
  expect(selection.kind === 'invalid' && selection.reason).toContain(reason);
});
