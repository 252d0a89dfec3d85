import type { ToolDefinition } from '../../messages/chat-message.ts';
import { isRecord } from './found-call.ts';
import { parseJson } from '../parse-json.ts';

/** The arguments of a call that was written as tags: text, where JSON would have types. */
export function inputOfTexts(
  texts: readonly (readonly [name: string, text: string])[],
  tool: ToolDefinition | undefined,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(texts.map(([name, text]) => [name, valueOf(text, declaredType(tool, name))]));
}

/** Without a declared type, what reads as JSON is JSON. */
function valueOf(text: string, type: unknown): unknown {
  if (type === 'string') return text;
  const parsed = parseJson(text);
  return parsed.ok ? parsed.value : text;
}

function declaredType(tool: ToolDefinition | undefined, name: string): unknown {
  const properties = tool?.parameters['properties'];
  const property = isRecord(properties) ? properties[name] : undefined;
  const type = isRecord(property) ? property['type'] : undefined;
  return Array.isArray(type) && type.includes('string') ? 'string' : type;
}
