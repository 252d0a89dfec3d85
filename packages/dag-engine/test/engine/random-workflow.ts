import fc from 'fast-check';
import type { NodeRole } from '../../src/engine/model/vocabulary.ts';
import type { EdgeDeclaration } from './graph-of.ts';

/** Nodes and edges that keep the edge counts of every role; the order is that of declaration. */
export interface Shape {
  readonly nodes: readonly (readonly [id: string, role: NodeRole])[];
  readonly edges: readonly EdgeDeclaration[];
}

const step = fc.record({
  role: fc.constantFrom<NodeRole[]>(
    'linear',
    'decision',
    'branch',
    'split',
    'merge',
    'exit',
    'branch',
    'merge',
  ),
  fan: fc.nat(2),
  picks: fc.array(fc.nat(30), { minLength: 4, maxLength: 4 }),
});

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** Acyclic, any nesting of branches, splits, decisions and merges, structured or not. */
export const workflowShape = fc
  .array(step, { minLength: 1, maxLength: 14, size: 'max' })
  .map((steps) => withoutParallelEdges(grow(steps)));

/** Each step takes open ends and may leave new ones; what stays open leads to an exit. */
function grow(steps: readonly Step[]): Shape {
  const nodes: [string, NodeRole][] = [['start', 'start']];
  const edges: EdgeDeclaration[] = [];
  const open = ['start'];
  const take = (pick: number) => open.splice(pick % open.length, 1)[0]!;
  steps.forEach(({ role, fan, picks }, index) => {
    const takes = role === 'merge' ? Math.min(2 + fan, open.length) : 1;
    const needed = role === 'merge' || role === 'exit' ? 2 : 1;
    if (open.length < needed) return;
    const id = `${role[0]}${index}`;
    nodes.push([id, role]);
    for (const pick of picks.slice(0, takes)) edges.push([take(pick), id]);
    open.push(...Array<string>(leaves(role, fan)).fill(id));
  });
  nodes.push(['X', 'exit']);
  return { nodes, edges: [...edges, ...open.map((id): EdgeDeclaration => [id, 'X'])] };
}

function leaves(role: NodeRole, fan: number): number {
  if (role === 'exit') return 0;
  if (role === 'split') return 1 + fan;
  return role === 'branch' || role === 'decision' ? 2 + (fan % 2) : 1;
}

/** A linear node goes into every edge that is there twice. */
function withoutParallelEdges({ nodes, edges }: Shape): Shape {
  const seen = new Set<string>();
  const added: [string, NodeRole][] = [];
  const kept = edges.flatMap(([from, to], index): EdgeDeclaration[] => {
    const key = `${from} ${to}`;
    if (!seen.has(key)) {
      seen.add(key);
      return [[from, to]];
    }
    const id = `z${index}`;
    added.push([id, 'linear']);
    return [
      [from, id],
      [id, to],
    ];
  });
  return { nodes: [...nodes, ...added], edges: kept };
}
