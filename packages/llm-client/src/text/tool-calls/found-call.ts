import type { ToolDefinition } from '../../messages/chat-message.ts';

/** A call of a known tool, not numbered yet. */
export interface FoundCall {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** The tools a model may call: the definition, where it is known. */
export type KnownTools = ReadonlyMap<string, ToolDefinition | undefined>;

export function indexTools(tools: Iterable<string | ToolDefinition>): KnownTools {
  return new Map(
    Array.from(tools, (tool) => (typeof tool === 'string' ? [tool, undefined] : [tool.name, tool])),
  );
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
