import { expect, it } from 'vitest';
import type { JsonValue } from '../model/json.ts';
import { MERGE_STRATEGIES } from '../model/vocabulary.ts';
import { mergeOutputs } from './merge-outputs.ts';
import type { MergePayload } from './merge-payload.ts';

function payload(...inputs: readonly [label: string, output: JsonValue][]): MergePayload {
  return {
    merge_inputs: inputs.map(([label, output], index) => ({
      task_id: `t${index}`,
      node_id: `n${index}`,
      output,
      node_status: 'completed' as const,
      stage_result_index: 0,
      timestamp: '2024-01-01T00:00:00.000Z',
      lineage_metadata: label === '' ? { type: null } : { type: 'clone', branch_label: label, index },
    })),
    merge_failures: [],
  };
}

const two = payload(['left', 'a'], ['right', 'b']);

it('gives outputs as each strategy says', () => {
  expect(mergeOutputs('identity', two)).toBe(two);
  expect(mergeOutputs('list', two)).toEqual(['a', 'b']);
  expect(mergeOutputs('first', two)).toBe('a');
  expect(mergeOutputs('object', two)).toEqual({ left: 'a', right: 'b' });
  expect(mergeOutputs('concat', two)).toBe('ab');
});

it('keeps every output whose label comes again, is missing, or is a name objects know', () => {
  const inputs = payload(['w', 1], ['w', 2], ['w-2', 3], ['', 4], ['__proto__', 5]);
  expect(Object.entries(mergeOutputs('object', inputs) as object)).toEqual([
    ['w', 1],
    ['w-2', 2],
    ['w-2-2', 3],
    ['n3', 4],
    ['__proto__', 5],
  ]);
});

it('concatenates arrays, and takes what is neither text nor array as one item', () => {
  expect(mergeOutputs('concat', payload(['a', [1]], ['b', [2, [3]]]))).toEqual([1, 2, [3]]);
  expect(mergeOutputs('concat', payload(['a', [1]], ['b', 'x'], ['c', null]))).toEqual([1, 'x', null]);
});

it('gives something for nothing', () => {
  expect(MERGE_STRATEGIES.map((strategy) => mergeOutputs(strategy, payload()))).toEqual([
    payload(),
    [],
    null,
    {},
    '',
  ]);
});
