import { SchemaValidationError, type ManifestError } from '../errors.ts';
import type { AgentDefinition, PolicySet, ToolDefinition } from '../model/manifest-set.ts';
import { STORE_NAMES, type PolicyTarget } from '../model/vocabulary.ts';
import type { SchemaRef, WorkflowNode } from '../model/workflow.ts';
import type { ParsedSchemas } from './parse-schemas.ts';

/** The ids that exist; `null` where the file that would say so could not be read. */
export interface KnownIds {
  readonly agents: ReadonlySet<string> | null;
  readonly tools: ReadonlySet<string> | null;
  readonly profiles: ReadonlySet<string> | null;
  readonly nodes: ReadonlySet<string> | null;
  readonly credentials: ReadonlySet<string> | null;
}

/** Finds what the nodes of a workflow name and nobody declares. */
export function checkNodeReferences(
  nodes: readonly WorkflowNode[],
  known: KnownIds,
  schemas: ParsedSchemas,
): readonly ManifestError[] {
  return nodes.flatMap((node) => {
    const problems = [
      ...unknown('agent', node.agent_id === null ? [] : [node.agent_id], known.agents),
      ...unknown('tool', node.tools, known.tools),
      ...unknown('context profile', contextOf(node), known.profiles),
      ...[node.inputs_schema_id, node.outputs_schema_id].flatMap((ref) => schemaProblems(ref, schemas)),
    ];
    const place = { fileName: 'workflow.yaml', fieldPath: `nodes.${node.id}` };
    return problems.map((problem) => new SchemaValidationError(place, problem));
  });
}

/** Finds the schemas that tools name and nobody declares. */
export function checkToolReferences(
  tools: readonly ToolDefinition[],
  schemas: ParsedSchemas,
): readonly ManifestError[] {
  return tools.flatMap(({ inputs_schema_id, outputs_schema_id }, index) => {
    const problems = [inputs_schema_id, outputs_schema_id].flatMap((ref) => schemaProblems(ref, schemas));
    const place = { fileName: 'tools.yaml', fieldPath: `tools[${index}]` };
    return problems.map((problem) => new SchemaValidationError(place, problem));
  });
}

/** Finds the credentials that agents name and nobody declares: every one of their nodes would fail. */
export function checkAgentReferences(
  agents: readonly AgentDefinition[],
  { credentials }: KnownIds,
): readonly ManifestError[] {
  return agents.flatMap(({ config }, index) => {
    const { credential } = config;
    const place = { fileName: 'agents.yaml', fieldPath: `agents[${index}]` };
    return unknown('credential', typeof credential === 'string' ? [credential] : [], credentials).map(
      (problem) => new SchemaValidationError(place, problem),
    );
  });
}

/** Finds what rules are about and nobody declares: such a rule would forbid nothing, without a word. */
export function checkPolicyReferences(
  policies: readonly PolicySet[],
  known: KnownIds,
): readonly ManifestError[] {
  const ids: Readonly<Record<PolicyTarget, ReadonlySet<string> | null>> = {
    tool: known.tools,
    node: known.nodes,
    context: known.profiles === null ? null : new Set([...STORE_NAMES, ...known.profiles]),
  };
  return policies.flatMap(({ rules }, set) =>
    rules.flatMap(({ target, target_id }, index) => {
      const named = target_id === '*' || target_id === '' ? [] : [target_id];
      const place = { fileName: 'policy.yaml', fieldPath: `policies[${set}].rules[${index}]` };
      return unknown(target, named, ids[target]).map((problem) => new SchemaValidationError(place, problem));
    }),
  );
}

function contextOf({ context }: WorkflowNode): readonly string[] {
  return ['', 'none', 'global'].includes(context) ? [] : [context];
}

/** What is wrong with naming these ids; nothing while it is not known which there are. */
export function unknown(
  what: string,
  ids: readonly string[],
  known: ReadonlySet<string> | null,
): readonly string[] {
  return known === null ? [] : ids.filter((id) => !known.has(id)).map((id) => `unknown ${what} "${id}"`);
}

/** What is wrong with a reference to a schema. */
export function schemaProblems(ref: SchemaRef | null, { registry, ids }: ParsedSchemas): readonly string[] {
  if (ref === null || (typeof ref === 'string' && ids.has(ref))) return [];
  const problem = registry.problemOf(ref);
  if (problem === null) return [];
  return [typeof ref === 'string' ? problem : `the schema written here ${problem}`];
}
