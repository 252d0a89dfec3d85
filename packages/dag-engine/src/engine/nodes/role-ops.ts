import { isJsonObject, textOf, type JsonValue } from '../model/json.ts';
import { NODE_ROLES, type NodeRole } from '../model/vocabulary.ts';
import { mergeOutputs } from '../routing/merge-outputs.ts';
import type { MergePayload } from '../routing/merge-payload.ts';
import { SELECTION_KEYS } from '../routing/select-edge.ts';
import type { DeterministicOp } from './deterministic-op.ts';

const passOn: DeterministicOp = (_task, _node, { input }) => ({ output: input });

const begin: DeterministicOp = (task, _node, { input }) => ({ output: task.spec.request ?? input });

const join: DeterministicOp = (_task, { merge_strategy: strategy }, { input }) => ({
  output: mergeOutputs(strategy, input as MergePayload),
});

const decide: DeterministicOp = (_task, _node, { input }) => ({ output: selectionOf(input) });

/** What a DECISION without an operation of its own gives: its input if that names an edge, else its text as the decision. */
function selectionOf(input: JsonValue): JsonValue {
  const selects =
    isJsonObject(input) && SELECTION_KEYS.some((key) => Object.hasOwn(input, key) && input[key] !== null);
  return selects ? input : { decision: textOf(input) };
}

/** What nodes of a role do when nothing is registered for them. */
export function defaultRoleOps(): Map<NodeRole, DeterministicOp> {
  const ops = new Map<NodeRole, DeterministicOp>(NODE_ROLES.map((role) => [role, passOn]));
  return ops.set('start', begin).set('decision', decide).set('merge', join);
}
