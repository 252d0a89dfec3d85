import { deepFreeze, isJsonObject, type JsonObject, type JsonValue } from '../../model/json.ts';
import type { ToolCallRecord } from '../../model/tool-call.ts';

const SUMMARY_LINES = 5;

/**
 * Adds to an agent's result the tool calls that ran and, when one of them gave text `content`, a `summary` of the
 * latest; what the result has already stays. A result that is no object becomes `result`.
 */
export function attachToolResults(result: JsonValue, calls: readonly ToolCallRecord[]): JsonValue {
  if (calls.length === 0) return result;
  const summary = summaryOf(calls);
  const attached: JsonObject = {
    tool_calls: calls as readonly (ToolCallRecord & JsonObject)[],
    ...(summary === null ? {} : { summary }),
  };
  const base: JsonObject = isJsonObject(result) ? result : { result };
  const added = Object.entries(attached).filter(([key]) => !Object.hasOwn(base, key));
  return deepFreeze({ ...base, ...Object.fromEntries(added) });
}

function summaryOf(calls: readonly ToolCallRecord[]): string | null {
  for (const { output } of calls.toReversed()) {
    const content = isJsonObject(output) && Object.hasOwn(output, 'content') ? output['content'] : null;
    if (typeof content === 'string') return firstLines(content);
  }
  return null;
}

function firstLines(content: string): string {
  const lines = content.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '')
    .slice(0, SUMMARY_LINES)
    .join('\n');
}
