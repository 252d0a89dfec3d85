import type { WorkflowNode } from '../../src/engine/model/workflow.ts';
import { graphOf, type EdgeDeclaration, type NodeDeclaration, type TestGraph } from './graph-of.ts';
import { FAILS, type Script } from './scripted-run.ts';

/** The workflows whose traces the specification tells, and those beside them. */

/** Nodes as `id role`, edges as `from>to` or `from>to:label`, both separated by spaces. */
function drawn(
  nodes: readonly (readonly [string, NodeDeclaration[1], Partial<WorkflowNode>?])[],
  edges: string,
): TestGraph {
  return graphOf(nodes, edges.split(' ').map(edgeOf));
}

function edgeOf(text: string): EdgeDeclaration {
  const [from = '', to = '', label] = text.split(/[>:]/);
  return label === undefined ? [from, to] : [from, to, label];
}

const linears = (...ids: readonly string[]) => ids.map((id) => [id, 'linear'] as const);
const START = ['start', 'start'] as const;
const EXIT = ['exit', 'exit'] as const;

export const linear = drawn([START, ...linears('l'), EXIT], 'start>l l>exit');

export function branchAndMerge(merge: Partial<WorkflowNode> = {}): TestGraph {
  return drawn(
    [START, ['b', 'branch'], ...linears('l1', 'l2'), ['m', 'merge', merge], EXIT],
    'start>b b>l1 b>l2 l1>m l2>m m>exit',
  );
}

export const twoExits = drawn(
  [START, ['d', 'decision'], ['x', 'exit'], ['y', 'exit']],
  'start>d d>x:A d>y:B',
);

export const longArms = drawn(
  [START, ['br', 'branch'], ...linears('a1', 'b1', 'a2', 'b2'), ['x', 'exit']],
  'start>br br>a1 br>b1 a1>a2 b1>b2 a2>x b2>x',
);

const nested = [START, ['B1', 'branch'], ['B2', 'branch'], ...linears('p', 'q', 'r')] as const;

export const nestedBranches = drawn(
  [...nested, ['mi', 'merge'], ['mo', 'merge'], ['x', 'exit']],
  'start>B1 B1>B2 B1>r B2>p B2>q p>mi q>mi mi>mo r>mo mo>x',
);

export const sharedMerge = drawn(
  [...nested, ['mo', 'merge'], ['x', 'exit']],
  'start>B1 B1>B2 B1>r B2>p B2>q p>mo q>mo r>mo mo>x',
);

export const fourArms = drawn(
  [
    START,
    ['br', 'branch'],
    ...linears('a', 'b', 'c', 'd'),
    ['m1', 'merge'],
    ['m2', 'merge'],
    ['m3', 'merge'],
    ['x', 'exit'],
  ],
  'start>br br>a br>b br>c br>d a>m1 b>m1 c>m2 d>m2 m1>m3 m2>m3 m3>x',
);

export const decisionInArm = drawn(
  [
    START,
    ['b', 'branch'],
    ['d', 'decision'],
    ...linears('a1', 'a2'),
    ['m1', 'merge'],
    ...linears('r'),
    ['m2', 'merge'],
    ['x', 'exit'],
  ],
  'start>b b>d b>r d>a1 d>a2 a1>m1 a2>m1 m1>m2 r>m2 m2>x',
);

export const decisionFanIn = drawn(
  [['S', 'start'], ['d', 'decision'], ...linears('a', 'b'), ['m', 'merge'], ['X', 'exit']],
  'S>d d>a:A d>b:B a>m b>m m>X',
);

/** Both merges are equally near to the branch: it names one. */
export function crossed(join: string): TestGraph {
  return drawn(
    [
      START,
      ['b', 'branch', { join }],
      ['d1', 'decision'],
      ['d2', 'decision'],
      ['m1', 'merge'],
      ['m2', 'merge'],
      ['x', 'exit'],
    ],
    'start>b b>d1 b>d2 d1>m1 d1>m2 d2>m1 d2>m2 m1>x m2>x',
  );
}

export const parts = drawn(
  [START, ['s', 'split'], ...linears('left', 'right'), ['m', 'merge', { merge_strategy: 'list' }], EXIT],
  'start>s s>left s>right left>m right>m m>exit',
);

export const failing =
  (...ids: readonly string[]): Script =>
  ({ node, input }) =>
    ids.includes(node.id) ? FAILS : input;

/** Decisions take this. */
export const choosing =
  (choice: string): Script =>
  ({ node, input }) =>
    node.role === 'decision' ? choice : input;

/** Every golden workflow with what its nodes do. */
export const GOLDEN: readonly (readonly [name: string, graph: TestGraph, script: Script])[] = [
  ['linear', linear, failing()],
  ['linear, failing', linear, failing('l')],
  ['branch and merge', branchAndMerge(), failing()],
  ['merge refused', branchAndMerge(), failing('l2')],
  ['merge without inputs', branchAndMerge({ continue_on_failure: true }), failing('l1', 'l2')],
  ['partial merge', branchAndMerge({ merge_failure_mode: 'partial' }), failing('l1')],
  ['decision without match', twoExits, choosing('Z')],
  ['long arms', longArms, failing()],
  ['nested branches', nestedBranches, failing()],
  ['shared merge', sharedMerge, failing('q')],
  ['four arms', fourArms, failing()],
  ['decision in an arm', decisionInArm, choosing('a2')],
  ['decision fan-in', decisionFanIn, choosing('B')],
  ['named join', crossed('m2'), choosing('m2')],
  ['other join', crossed('m1'), choosing('m2')],
  ['parts', parts, ({ node, input }) => (node.id === 's' ? [1, { two: 2 }, null] : input)],
];
