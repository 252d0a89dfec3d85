import type { JsonValue } from '../model/json.ts';
import type { MergeStrategy } from '../model/vocabulary.ts';
import type { MergeItem, MergePayload } from './merge-payload.ts';

/** What a MERGE gives when nothing is registered for it and no agent does it. */
export function mergeOutputs(strategy: MergeStrategy, payload: MergePayload): JsonValue {
  const outputs = payload.merge_inputs.map((item) => item.output);
  switch (strategy) {
    case 'identity':
      return payload;
    case 'list':
      return outputs;
    case 'first':
      return outputs[0] ?? null;
    case 'object':
      return byLabel(payload.merge_inputs);
    case 'concat':
      return concatenated(outputs);
  }
}

/** Keyed by branch or edge label; the second item of a label is `<label>-2`, the third `<label>-3`. */
function byLabel(items: readonly MergeItem[]): JsonValue {
  const labelled = new Map<string, JsonValue>();
  for (const item of items) labelled.set(freeKey(labelled, labelOf(item)), item.output);
  return Object.fromEntries(labelled);
}

function labelOf({ lineage_metadata: lineage, node_id, task_id }: MergeItem): string {
  const label = lineage['branch_label'] ?? lineage['split_edge_label'];
  return typeof label === 'string' ? label : (node_id ?? task_id);
}

function freeKey(taken: ReadonlyMap<string, JsonValue>, label: string): string {
  let key = label;
  for (let number = 2; taken.has(key); number += 1) key = `${label}-${number}`;
  return key;
}

/** Texts become one text; otherwise one array, in which arrays give their items and the rest themselves. */
function concatenated(outputs: readonly JsonValue[]): JsonValue {
  return outputs.every((output) => typeof output === 'string') ? outputs.join('') : outputs.flat(1);
}
