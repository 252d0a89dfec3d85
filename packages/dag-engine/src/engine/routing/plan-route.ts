import { isJsonObject, type JsonValue } from '../model/json.ts';
import type { NodeRole } from '../model/vocabulary.ts';
import type { WorkflowEdge, WorkflowNode } from '../model/workflow.ts';
import type { RoutingFault } from './routing-fault.ts';
import { effectiveLabel, selectEdge } from './select-edge.ts';

/** One child to be made, and the edge it starts on. */
interface PlannedChild {
  readonly edge: WorkflowEdge;
  readonly label: string;
  readonly index: number;
  /** What its first node sees. */
  readonly input: JsonValue;
}

/** Where a task goes after a node. */
export type Route =
  | { readonly kind: 'exit' }
  | { readonly kind: 'follow'; readonly edge: WorkflowEdge; readonly decision: string }
  | {
      readonly kind: 'spawn';
      readonly type: 'clone' | 'subtask';
      readonly children: readonly PlannedChild[];
    }
  | { readonly kind: 'fault'; readonly fault: RoutingFault };

/** Roles whose output says where the task goes: without it nobody knows. */
export const ROUTED_BY_OUTPUT: ReadonlySet<NodeRole> = new Set(['decision', 'split']);

/** Decides by the role of the node alone, and by its output where the role asks for it. */
export function planRoute(node: WorkflowNode, edges: readonly WorkflowEdge[], output: JsonValue): Route {
  switch (node.role) {
    case 'exit':
      return { kind: 'exit' };
    case 'decision':
      return planDecision(node, edges, output);
    case 'branch':
      return { kind: 'spawn', type: 'clone', children: edges.map((edge, index) => arm(edge, index, output)) };
    case 'split':
      return planSplit(node, edges, output);
    case 'start':
    case 'linear':
    case 'merge': {
      const [edge] = edges;
      // Only the start of a start-only workflow leads nowhere.
      return edge ? { kind: 'follow', edge, decision: node.role } : { kind: 'exit' };
    }
  }
}

function planDecision(node: WorkflowNode, edges: readonly WorkflowEdge[], output: JsonValue): Route {
  const selection = selectEdge(edges, output);
  if (selection.kind === 'selected')
    return { kind: 'follow', edge: selection.edge, decision: selection.label };
  return faulty('invalid_decision', `decision "${node.id}": ${selection.reason}`);
}

function planSplit(node: WorkflowNode, edges: readonly WorkflowEdge[], output: JsonValue): Route {
  const inputs = subtaskInputs(output);
  if (inputs === 'missing') {
    return faulty('invalid_split_output', `split "${node.id}": the output has no array "subtask_inputs"`);
  }
  if (inputs === 'not_an_array') {
    return faulty('invalid_output_type', `split "${node.id}": "subtask_inputs" is not an array`);
  }
  if (inputs.length === 0) {
    return faulty('empty_subtask_inputs', `split "${node.id}": there are no subtasks to make`);
  }
  const children = inputs.flatMap((input, index) => {
    const edge = edges[index % edges.length];
    return edge ? [arm(edge, index, input)] : [];
  });
  return { kind: 'spawn', type: 'subtask', children };
}

/** A bare array, or the array an object has under `subtask_inputs`. */
function subtaskInputs(output: JsonValue): readonly JsonValue[] | 'missing' | 'not_an_array' {
  const inputs =
    isJsonObject(output) && Object.hasOwn(output, 'subtask_inputs') ? output['subtask_inputs'] : output;
  if (isArray(inputs)) return inputs;
  return inputs === output ? 'missing' : 'not_an_array';
}

function isArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function arm(edge: WorkflowEdge, index: number, input: JsonValue): PlannedChild {
  return { edge, label: effectiveLabel(edge), index, input };
}

function faulty(id: RoutingFault['id'], message: string): Route {
  return { kind: 'fault', fault: { id, message } };
}
