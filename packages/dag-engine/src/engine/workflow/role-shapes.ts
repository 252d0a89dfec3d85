import type { NodeRole } from '../model/vocabulary.ts';

interface EdgeCount {
  readonly min: number;
  readonly max: number;
}

const exactly = (count: number): EdgeCount => ({ min: count, max: count });
const atLeast = (min: number): EdgeCount => ({ min, max: Infinity });

const SHAPES: Readonly<Record<NodeRole, { readonly in: EdgeCount; readonly out: EdgeCount }>> = {
  start: { in: exactly(0), out: exactly(1) },
  linear: { in: exactly(1), out: exactly(1) },
  decision: { in: exactly(1), out: atLeast(2) },
  branch: { in: exactly(1), out: atLeast(2) },
  split: { in: exactly(1), out: atLeast(1) },
  merge: { in: atLeast(2), out: exactly(1) },
  exit: { in: atLeast(1), out: exactly(0) },
};

/** Says what is wrong with a node's number of edges; empty when it fits the role. */
export function checkEdgeCounts(
  role: NodeRole,
  counts: { readonly in: number; readonly out: number },
): readonly string[] {
  const shape = SHAPES[role];
  return [
    ...excess(`${article(role)} needs`, shape.in, { count: counts.in, what: 'incoming' }),
    ...excess(`${article(role)} needs`, shape.out, { count: counts.out, what: 'outgoing' }),
  ];
}

function article(role: NodeRole): string {
  return role === 'exit' ? 'an exit' : `a ${role}`;
}

function excess(
  subject: string,
  { min, max }: EdgeCount,
  { count, what }: { readonly count: number; readonly what: string },
): readonly string[] {
  if (count >= min && count <= max) return [];
  const wanted = min === max ? `${min}` : `at least ${min}`;
  return [
    `${subject} ${wanted} ${what} ${wanted === '1' || wanted === 'at least 1' ? 'edge' : 'edges'}, not ${count}`,
  ];
}
