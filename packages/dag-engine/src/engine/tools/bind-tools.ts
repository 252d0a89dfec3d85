import type { ToolDefinition } from '../model/manifest-set.ts';
import { describeThrown } from './failure.ts';
import { builtinTool } from './filesystem/builtin-tools.ts';
import { importHandler } from './import-handler.ts';
import { toolRoot } from './run-tool.ts';
import type { ToolBinding, ToolHandler } from './tool-ports.ts';

export interface BindToolsOptions {
  /** Absolute; relative entrypoints start here. */
  readonly configDir: string;
  /** Absolute; no entrypoint that is a file may lie outside it and `configDir`. */
  readonly workspaceRoot: string;
  /** By tool id; they win over what the manifest says. */
  readonly handlers?: Readonly<Record<string, ToolHandler>>;
  /** What a plugin registered for a tool type; `undefined` when none did. */
  factoryFor?(type: string): ToolFactory | undefined;
  /** Lets a tool that nothing implements give back its inputs. */
  readonly allowEchoTools?: boolean;
}

type ToolFactory = (
  definition: ToolDefinition,
  workspaceRoot: string,
) => { readonly definition: ToolDefinition; readonly handler: ToolHandler };

/** Something wrong with `tools[i]` of tools.yaml. */
interface ToolProblem {
  /** `tools[i].entrypoint` or `tools[i].permissions`. */
  readonly field_path: string;
  readonly message: string;
}

export interface BoundTools {
  /** By tool id; tools with problems are missing. */
  readonly tools: ReadonlyMap<string, ToolBinding>;
  readonly problems: readonly ToolProblem[];
}

/**
 * Finds what runs each tool, in this order: `handlers`, a factory of the tool's type, the engine's own tools, the
 * model for `llm_tool`, an import of the entrypoint. Code of the project runs while it is imported. Never rejects.
 */
export async function bindTools(
  definitions: readonly ToolDefinition[],
  options: BindToolsOptions,
): Promise<BoundTools> {
  const tools = new Map<string, ToolBinding>();
  const problems: ToolProblem[] = [];
  for (const [index, definition] of definitions.entries()) {
    const root = toolRoot(options.workspaceRoot, definition);
    if (!root.ok) {
      problems.push({ field_path: `tools[${index}].permissions`, message: root.failure.message });
      continue;
    }
    const bound = await bindTool(definition, options);
    if (typeof bound === 'string')
      problems.push({ field_path: `tools[${index}].entrypoint`, message: bound });
    else tools.set(definition.tool_id, bound);
  }
  return { tools, problems };
}

/** The binding, or why there is none. */
async function bindTool(
  definition: ToolDefinition,
  options: BindToolsOptions,
): Promise<ToolBinding | string> {
  const { handlers = {} } = options;
  const { tool_id: id } = definition;
  const given = Object.hasOwn(handlers, id) ? handlers[id] : undefined;
  if (given !== undefined) return { definition, run: given, mutates: false };
  const factory = options.factoryFor?.(definition.type);
  if (factory !== undefined) return fromFactory(factory, definition, options);
  const builtin = builtinTool(definition);
  if (builtin !== undefined) return { definition, ...builtin };
  if (definition.kind === 'llm_tool') return { definition, run: 'llm', mutates: false };
  const imported = await importHandler(definition.entrypoint, options);
  if (imported.ok) return { definition, run: imported.value, mutates: false };
  if (options.allowEchoTools !== true) return imported.failure.message;
  return { definition, run: (inputs) => ({ tool: id, echo: inputs }), mutates: false };
}

function fromFactory(
  factory: ToolFactory,
  definition: ToolDefinition,
  { workspaceRoot }: BindToolsOptions,
): ToolBinding | string {
  try {
    const made = factory(definition, workspaceRoot);
    return { definition: made.definition, run: made.handler, mutates: false };
  } catch (thrown) {
    return `the factory of type "${definition.type}" failed: ${describeThrown(thrown)}`;
  }
}
