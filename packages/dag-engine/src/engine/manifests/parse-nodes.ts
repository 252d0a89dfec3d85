import { MERGE_FAILURE_MODES, MERGE_STRATEGIES, NODE_KINDS, NODE_ROLES } from '../model/vocabulary.ts';
import type { WorkflowNode } from '../model/workflow.ts';
import type { Fields } from './fields.ts';
import type { NodeDefaults } from './parse-agents.ts';
import { INPUT_SCHEMA_NAMES, OUTPUT_SCHEMA_NAMES, readSchemaRef } from './schema-ref.ts';

const NO_DEFAULTS: NodeDefaults = { context: null, tools: [], outputs_schema_id: null };

/**
 * Reads an entry of `nodes`. What is wrong with its form is reported at `nodes[i]`, what contradicts its role at
 * `nodes.<id>`.
 */
export function parseNode(fields: Fields, agents: ReadonlyMap<string, NodeDefaults>): WorkflowNode {
  const id = fields.requiredText(['id', 'stage_id']);
  const named = fields.at(id === '' ? fields.path : `nodes.${id}`);
  const kind = fields.requiredChoice('kind', NODE_KINDS);
  const agentId = fields.optionalText('agent_id');
  const defaults = (kind === 'agent' && agentId !== null ? agents.get(agentId) : undefined) ?? NO_DEFAULTS;
  const node: WorkflowNode = {
    id,
    name: fields.prose('name', id),
    kind,
    role: fields.requiredChoice('role', NODE_ROLES),
    default_start: fields.flag('default_start', false),
    agent_id: kind === 'agent' ? agentId : null,
    context: contextOf(fields, defaults),
    tools: fields.has('tools') ? fields.texts('tools') : defaults.tools,
    inputs_schema_id: readSchemaRef(fields, INPUT_SCHEMA_NAMES),
    outputs_schema_id: readSchemaRef(fields, OUTPUT_SCHEMA_NAMES) ?? defaults.outputs_schema_id,
    continue_on_failure: continuesOnFailure(fields),
    always_fail: fields.flag('always_fail', false),
    ...mergeOf(named),
    join: fields.optionalText('join'),
    metadata: fields.object('metadata'),
  };
  checkRole(node, named);
  warnOfIdleMerge(node, named);
  fields.close();
  return node;
}

function contextOf(fields: Fields, defaults: NodeDefaults): string {
  if (!fields.has('context') && defaults.context !== null) return defaults.context;
  return fields.requiredText('context');
}

/** `fail_on_failure` is the same fact the other way round. */
function continuesOnFailure(fields: Fields): boolean {
  const continues = fields.flag('continue_on_failure', false);
  if (!fields.has('fail_on_failure')) return continues;
  const fails = fields.flag('fail_on_failure', true);
  if (fields.has('continue_on_failure') && continues === fails) {
    fields.problem('"continue_on_failure" and "fail_on_failure" contradict each other');
  }
  return !fails;
}

function mergeOf(fields: Fields): Pick<WorkflowNode, 'merge_strategy' | 'merge_failure_mode'> {
  const merge = fields.nested('merge');
  const strategy = merge.choice('strategy', MERGE_STRATEGIES) ?? 'identity';
  merge.close();
  return {
    merge_strategy: strategy,
    merge_failure_mode: fields.choice('merge_failure_mode', MERGE_FAILURE_MODES) ?? 'fail_on_any',
  };
}

/** How to merge, where nothing is merged or the agent does it. */
function warnOfIdleMerge({ kind, role }: WorkflowNode, fields: Fields): void {
  if (role !== 'merge') {
    for (const key of ['merge', 'merge_failure_mode'])
      if (fields.has(key)) fields.warn(`"${key}" has no effect: the node is no merge`);
  } else if (kind === 'agent' && fields.has('merge')) {
    fields.warn('"merge" has no effect: the agent makes the output');
  }
}

function checkRole(node: WorkflowNode, fields: Fields): void {
  const { role } = node;
  if (role === 'exit' && node.kind !== 'deterministic') fields.problem('an exit must be deterministic');
  if (role === 'exit' && node.tools.length > 0) fields.problem('an exit may not have tools');
  if (role !== 'exit' && node.always_fail) fields.problem('only an exit may have "always_fail"');
  if (role !== 'branch' && role !== 'split' && node.join !== null) {
    fields.problem('only a branch or split may have "join"');
  }
}
