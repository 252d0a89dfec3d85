import type { ManifestSet } from '../model/manifest-set.ts';
import { NODE_ROLES } from '../model/vocabulary.ts';
import type { EngineOptions } from './engine-options.ts';

/** Warns of functions that nothing will ever call: an id that is mistyped would otherwise go unnoticed. */
export function warnOfUnknownBindings(
  {
    deterministicOps = {},
    roleOps = {},
    handlers = {},
  }: Pick<EngineOptions, 'deterministicOps' | 'roleOps' | 'handlers'>,
  { workflow, tools }: Pick<ManifestSet, 'workflow' | 'tools'>,
): readonly string[] {
  const nodes = workflow.nodes.filter(({ kind }) => kind === 'deterministic').map(({ id }) => id);
  const toolIds = tools.map(({ tool_id }) => tool_id);
  return [
    ...unknown(deterministicOps, nodes, { option: 'deterministicOps', what: 'deterministic node' }),
    ...unknown(roleOps, NODE_ROLES, { option: 'roleOps', what: 'role' }),
    ...unknown(handlers, toolIds, { option: 'handlers', what: 'tool' }),
  ];
}

function unknown(
  bound: Readonly<Record<string, unknown>>,
  known: readonly string[],
  { option, what }: { readonly option: string; readonly what: string },
): readonly string[] {
  const ids = new Set(known);
  return Object.keys(bound)
    .filter((id) => !ids.has(id))
    .map((id) => `option ${option}: there is no ${what} "${id}"`);
}
