import fc from 'fast-check';
import { edge, node } from './config-directory.ts';

/** Nodes and edges as a manifest declares them. */
export interface ManifestWorkflow {
  readonly nodes: readonly ManifestNode[];
  readonly edges: readonly ManifestEdge[];
}

export interface ManifestNode {
  readonly id: string;
  readonly kind: string;
  readonly role: string;
  readonly context: string;
  readonly [key: string]: unknown;
}

export type ManifestEdge = ReturnType<typeof edge>;

interface Growth {
  readonly role: 'linear' | 'decision' | 'branch' | 'split' | 'merge' | 'exit';
  /** Which loose end grows; a merge also takes `other`. */
  readonly end: number;
  readonly other: number;
  readonly width: number;
}

const growth: fc.Arbitrary<Growth> = fc.record({
  role: fc.constantFrom('linear', 'decision', 'branch', 'split', 'merge', 'merge', 'exit'),
  end: fc.nat(20),
  other: fc.nat(20),
  width: fc.integer({ min: 1, max: 3 }),
});

/**
 * Any workflow whose roles have the edges they need, every node on a path from the start to an exit: nested and
 * crossing branches, shared merges, several exits. Some have an ambiguous join.
 */
export const randomWorkflow: fc.Arbitrary<ManifestWorkflow> = fc
  .array(growth, { minLength: 1, maxLength: 14, size: 'max' })
  .map(grow);

function grow(steps: readonly Growth[]): ManifestWorkflow {
  const nodes: ManifestNode[] = [node('start', 'start', { default_start: true })];
  const edges: ManifestEdge[] = [];
  let ends: readonly string[] = ['start'];
  const add = (role: string, from: readonly string[], out: number) => {
    const id = `${role}${nodes.length}`;
    nodes.push(node(id, role));
    for (const source of from) edges.push(edge(`${source}>${id}:to ${id}`));
    return Array<string>(out).fill(id);
  };
  for (const { role, end, other, width } of steps) {
    const first = end % ends.length;
    const second = anotherEnd(ends, first, other);
    if (role === 'merge' && second === null) continue;
    if (role === 'exit' && ends.length === 1) continue;
    const taken = role === 'merge' && second !== null ? [first, second] : [first];
    const grown = add(
      role,
      taken.map((index) => ends[index] ?? ''),
      outOf(role, width),
    );
    ends = [...ends.filter((_id, index) => !taken.includes(index)), ...grown];
  }
  for (const from of ends) add('exit', [from], 0);
  return { nodes, edges };
}

/** A loose end of another node: two of one node would be the same edge twice. */
function anotherEnd(ends: readonly string[], first: number, wanted: number): number | null {
  const others = [...ends.keys()].filter((index) => ends[index] !== ends[first]);
  return others[wanted % others.length] ?? null;
}

function outOf(role: Growth['role'], width: number): number {
  if (role === 'exit') return 0;
  if (role === 'decision' || role === 'branch') return Math.max(2, width);
  return role === 'split' ? width : 1;
}
