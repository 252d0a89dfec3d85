import { isJsonObject, textOf, type JsonValue } from '../model/json.ts';
import type { WorkflowEdge } from '../model/workflow.ts';

/** Where a decision's output may say which edge it takes, first to last. */
export const SELECTION_KEYS = [
  'selected_edge',
  'selected_edge_label',
  'condition',
  'route',
  'next',
  'decision',
] as const;

export type EdgeSelection =
  | { readonly kind: 'selected'; readonly edge: WorkflowEdge; readonly label: string }
  | { readonly kind: 'invalid'; readonly reason: string };

/** What an edge is called: its label, or the node it leads to. */
export function effectiveLabel(edge: WorkflowEdge): string {
  return edge.label ?? edge.to;
}

/** Finds the edge that a decision's output names. */
export function selectEdge(edges: readonly WorkflowEdge[], output: JsonValue): EdgeSelection {
  const selection = selectionOf(output);
  if (selection === null) return invalid('the output is null: it selects no edge');
  if (typeof selection === 'object') {
    return invalid(`cannot extract a selection: the output needs one of ${SELECTION_KEYS.join(', ')}`);
  }
  const label = textOf(selection);
  const edge = edges.find((candidate) => effectiveLabel(candidate) === label);
  if (edge) return { kind: 'selected', edge, label };
  return invalid(`no edge is labelled "${label}"; there are: ${edges.map(effectiveLabel).join(', ')}`);
}

/** A scalar when the output says something, `null` when it is null, else what was in the way. */
function selectionOf(output: JsonValue): JsonValue {
  if (!isJsonObject(output)) return output;
  const key = SELECTION_KEYS.find((name) => Object.hasOwn(output, name) && output[name] !== null);
  return key === undefined ? output : (output[key] ?? output);
}

function invalid(reason: string): EdgeSelection {
  return { kind: 'invalid', reason };
}
