import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { ToolDefinition } from '../model/manifest-set.ts';
import {
  TOOL_CAPABILITIES,
  TOOL_RISK_LEVELS,
  type ToolCapability,
  type ToolRiskLevel,
} from '../model/vocabulary.ts';
import type { Fields } from './fields.ts';
import { INPUT_SCHEMA_NAMES, OUTPUT_SCHEMA_NAMES, readSchemaRef } from './schema-ref.ts';

/** Reads an entry of `tools.yaml`. */
export function parseTool(fields: Fields, workspaceRoot: string): ToolDefinition {
  const id = fields.requiredText('id');
  const type = fields.requiredText('type');
  const name = fields.prose('name', id);
  const tool: ToolDefinition = {
    tool_id: id,
    type,
    kind: type === 'llm_tool' ? 'llm_tool' : 'deterministic',
    name,
    description: fields.prose('description', id),
    entrypoint: entrypointOf(fields),
    inputs_schema_id: readSchemaRef(fields, INPUT_SCHEMA_NAMES),
    outputs_schema_id: readSchemaRef(fields, OUTPUT_SCHEMA_NAMES),
    ...riskOf(fields, `${id} ${name.toLowerCase()}`.includes('write')),
    version: fields.versionText('version') ?? '1.0.0',
    enabled: fields.flag('enabled', true),
    timeout: timeoutOf(fields),
    ...permissionsOf(fields, workspaceRoot),
  };
  fields.close();
  return tool;
}

function entrypointOf(fields: Fields): string {
  const entrypoint = fields.requiredText('entrypoint');
  const colon = entrypoint.lastIndexOf(':');
  if (entrypoint !== '' && (colon < 1 || colon === entrypoint.length - 1)) {
    fields.at(`${fields.path}.entrypoint`).problem(`"${entrypoint}" is not of the form module:function`);
  }
  return entrypoint;
}

/** What a tool may do, guessed from its names unless it says so itself. */
function riskOf(
  fields: Fields,
  writes: boolean,
): { readonly capabilities: readonly ToolCapability[]; readonly risk_level: ToolRiskLevel } {
  const guessed: readonly ToolCapability[] = [writes ? 'workspace_mutation' : 'deterministic_safe'];
  return {
    capabilities: fields.has('capabilities') ? capabilitiesOf(fields) : guessed,
    risk_level: fields.choice('risk_level', TOOL_RISK_LEVELS) ?? (writes ? 'medium' : 'low'),
  };
}

function capabilitiesOf(fields: Fields): readonly ToolCapability[] {
  return fields.texts('capabilities').flatMap((text) => {
    const capability = TOOL_CAPABILITIES.find((known) => known === text);
    if (capability !== undefined) return [capability];
    fields.problem(`unknown capability "${text}"; there are ${TOOL_CAPABILITIES.join(', ')}`);
    return [];
  });
}

function timeoutOf(fields: Fields): number | null {
  const seconds = fields.number('timeout', { min: 0, integer: false });
  if (seconds === 0) fields.problem('"timeout" must be more than 0 seconds');
  return seconds;
}

type Permissions = Pick<ToolDefinition, 'allow_network' | 'allow_shell' | 'filesystem_root'>;

/** Under `permissions`, or flat on the tool; what is not granted is denied. */
function permissionsOf(fields: Fields, workspaceRoot: string): Permissions {
  const flat = fields.at(`${fields.path}.permissions`);
  if (!fields.has('permissions')) return grantsOf(flat, workspaceRoot);
  const nested = flat.nested('permissions');
  const permissions = grantsOf(nested, workspaceRoot);
  nested.close();
  return permissions;
}

function grantsOf(fields: Fields, workspaceRoot: string): Permissions {
  return {
    allow_network: fields.flag('allow_network', false),
    allow_shell: fields.flag('allow_shell', false),
    filesystem_root: rootOf(fields, workspaceRoot),
  };
}

function rootOf(fields: Fields, workspaceRoot: string): string | null {
  const root = fields.value('root');
  if (root === null || root === false || root === '') return null;
  const text = fields.optionalText('root');
  if (text !== null && !isInside(workspaceRoot, text))
    fields.problem(`the root "${text}" is outside the workspace`);
  return text;
}

function isInside(workspaceRoot: string, path: string): boolean {
  const way = relative(workspaceRoot, resolve(workspaceRoot, path));
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
