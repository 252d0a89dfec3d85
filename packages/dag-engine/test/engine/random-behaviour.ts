import fc from 'fast-check';
import type { JsonValue } from '../../src/engine/model/json.ts';
import { MERGE_FAILURE_MODES, MERGE_STRATEGIES } from '../../src/engine/model/vocabulary.ts';
import { mergeOutputs } from '../../src/engine/routing/merge-outputs.ts';
import type { MergePayload } from '../../src/engine/routing/merge-payload.ts';
import { graphOf, type TestGraph } from './graph-of.ts';
import type { Shape } from './random-workflow.ts';
import { FAILS, type Script } from './scripted-run.ts';

/** What the executable model leaves out: every node has settings of its own, joins may be declared. */
export const settings = fc.array(
  fc.record({
    continue_on_failure: fc.boolean(),
    merge_failure_mode: fc.constantFrom(...MERGE_FAILURE_MODES),
    merge_strategy: fc.constantFrom(...MERGE_STRATEGIES),
    always_fail: fc.nat(5).map((digit) => digit === 0),
    join: fc.option(fc.nat(5), { nil: null }),
  }),
  { minLength: 3, maxLength: 18, size: 'max' },
);

export type Settings = typeof settings extends fc.Arbitrary<infer Value> ? Value : never;

export const behaviour = fc.record({
  failures: fc.array(
    fc.nat(4).map((digit) => digit === 0),
    { minLength: 1, maxLength: 30 },
  ),
  choices: fc.array(fc.nat(6), { minLength: 1, maxLength: 12 }),
});

export type Behaviour = typeof behaviour extends fc.Arbitrary<infer Value> ? Value : never;

/**
 * A join is any merge that every arm leads to, or any of the nearest; without a declaration the nearest.
 */
export function configured(shape: Shape, chosen: Settings, joins: 'any' | 'nearest' = 'any'): TestGraph {
  const plain = graphOf(shape.nodes, shape.edges);
  const mergesOf = joins === 'any' ? plain.commonMerges : plain.nearestMerges;
  const nodes = shape.nodes.map(([id, role], index) => {
    const { join, always_fail, ...rest } = chosen[index % chosen.length]!;
    const candidates = role === 'branch' || role === 'split' ? mergesOf(id) : [];
    const named =
      join === null && !plain.ambiguous.includes(id) ? null : candidates[(join ?? 0) % candidates.length];
    return [id, role, { ...rest, always_fail: role === 'exit' && always_fail, join: named ?? null }] as const;
  });
  return graphOf(nodes, shape.edges);
}

/** Outputs of all kinds, some of which cannot be routed on. */
export function scriptOf(graph: TestGraph, { failures, choices }: Behaviour): Script {
  return ({ node, seq, input }): JsonValue | typeof FAILS => {
    const choice = choices[seq % choices.length]!;
    if (failures[seq % failures.length]) return FAILS;
    switch (node.role) {
      case 'decision': {
        const edges = graph.outEdges(node.id);
        return choice === 6 ? { nothing: 1 } : { next: edges[choice % edges.length]!.to, seq };
      }
      case 'split':
        return choice === 6 ? { subtask_inputs: [] } : Array.from({ length: 1 + (choice % 4) }, (_, i) => i);
      case 'merge':
        return mergeOutputs(node.merge_strategy, input as MergePayload);
      case 'start':
      case 'linear':
      case 'branch':
      case 'exit':
        return choice === 6 ? null : seq;
    }
  };
}
