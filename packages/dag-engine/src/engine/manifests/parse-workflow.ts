import type { JsonValue } from '../model/json.ts';
import type { Workflow, WorkflowEdge, WorkflowNode } from '../model/workflow.ts';
import type { UnreadableParts } from '../workflow/find-dag-problems.ts';
import type { Fields } from './fields.ts';
import type { NodeDefaults } from './parse-agents.ts';
import { parseEdges } from './parse-edges.ts';
import { parseNode } from './parse-nodes.ts';
import { checkUnique } from './unique-ids.ts';

/** A workflow as far as it could be read. */
export interface ParsedWorkflow {
  readonly workflow: Workflow;
  readonly unreadable: UnreadableParts;
}

/** Reads `workflow.yaml`. */
export function parseWorkflow(root: Fields, agents: ReadonlyMap<string, NodeDefaults>): ParsedWorkflow {
  if (!root.declares('nodes')) root.at('nodes').problem('"nodes" is missing');
  const nodeFields = root.entries('nodes');
  const nodes = nodeFields.map((fields) => parseNode(fields, agents));
  const named = nodes.map(({ id }, index) => ({ id, fields: (nodeFields[index] ?? root).at(`nodes.${id}`) }));
  const twice = checkUnique(named);
  const edgeFields = root.entries('edges');
  const edges = parseEdges(edgeFields);
  const broken = nodes.filter((_node, index) => nodeFields[index]?.isBroken).map(({ id }) => id);
  return {
    workflow: withExit({ nodes, edges }),
    unreadable: {
      nodes: new Set([...broken, ...twice]),
      places:
        broken.includes('') ||
        edges.some(({ from, to }) => from === '' || to === '') ||
        nodeFields.length < lengthOf(root.value('nodes')) ||
        edgeFields.length < lengthOf(root.value('edges')),
    },
  };
}

/** What is no list could be any number of entries. */
function lengthOf(value: JsonValue): number {
  if (value === null) return 0;
  return Array.isArray(value) ? value.length : Infinity;
}

/** A lone start is a health check: it gets the exit it leads to. */
function withExit(workflow: Workflow): Workflow {
  const [start, ...others] = workflow.nodes;
  if (start?.role !== 'start' || others.length > 0 || workflow.edges.length > 0) return workflow;
  const exit = exitBeside(start);
  const edge: WorkflowEdge = { edge_id: null, from: start.id, to: exit.id, label: null };
  return { nodes: [start, exit], edges: [edge] };
}

function exitBeside(start: WorkflowNode): WorkflowNode {
  const id = start.id === 'exit' ? 'exit_1' : 'exit';
  return {
    id,
    name: id,
    kind: 'deterministic',
    role: 'exit',
    default_start: false,
    agent_id: null,
    context: 'none',
    tools: [],
    inputs_schema_id: null,
    outputs_schema_id: null,
    continue_on_failure: false,
    always_fail: false,
    merge_strategy: 'identity',
    merge_failure_mode: 'fail_on_any',
    join: null,
    metadata: {},
  };
}
