import { textOf } from '../model/json.ts';
import type { WorkflowEdge } from '../model/workflow.ts';
import type { Fields } from './fields.ts';

/** Reads the list of edges. */
export function parseEdges(entries: readonly Fields[]): readonly WorkflowEdge[] {
  const seen = new Set<string>();
  return entries.map((fields) => {
    const edge: WorkflowEdge = {
      edge_id: fields.optionalText('edge_id'),
      from: fields.requiredText(['from', 'from_node_id']),
      to: fields.requiredText(['to', 'to_node_id']),
      label: labelOf(fields),
    };
    fields.close();
    const key = JSON.stringify([edge.from, edge.to, edge.label]);
    if (seen.has(key)) fields.problem(`the edge from "${edge.from}" to "${edge.to}" is declared twice`);
    seen.add(key);
    return edge;
  });
}

/** A decision may choose `42` or `true`; unquoted they are no text in YAML. */
function labelOf(fields: Fields): string | null {
  const value = fields.value(['label', 'condition']);
  if (typeof value === 'number' || typeof value === 'boolean') return textOf(value);
  return fields.optionalText(['label', 'condition']);
}
