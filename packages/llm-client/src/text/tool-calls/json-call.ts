import { isRecord, type FoundCall, type KnownTools } from './found-call.ts';
import { parseJson } from '../parse-json.ts';

/** How sure it is that a value is a call: text around it says so, or nothing but its form does. */
export type CallEvidence = 'marked' | 'bare';

const WRAPPERS = ['tool_calls', 'tool_call', 'function_call'] as const;

/** The calls of known tools that a JSON value stands for: one, a list, or one of the usual wrappers. */
export function callsOfJson(value: unknown, tools: KnownTools, evidence: CallEvidence): readonly FoundCall[] {
  if (Array.isArray(value)) return value.flatMap((item) => [...callOfJson(item, tools, evidence)]);
  if (!isRecord(value)) return [];
  const wrapper = WRAPPERS.find((name) => typeof value[name] === 'object');
  if (wrapper === undefined) return callOfJson(value, tools, evidence);
  const wrapped = value[wrapper];
  const items: readonly unknown[] = Array.isArray(wrapped) ? wrapped : [wrapped];
  return items.flatMap((item) => [...callOfJson(item, tools, 'marked')]);
}

function callOfJson(item: unknown, tools: KnownTools, evidence: CallEvidence): readonly FoundCall[] {
  if (!isRecord(item)) return [];
  // Unwrapped once: a hostile answer holds wrappers in wrappers, deeper than the stack.
  const value = isRecord(item['function']) ? item['function'] : item;
  const name = value['name'] ?? value['function'];
  if (typeof name !== 'string' || !tools.has(name) || isDefinition(value)) return [];
  const input = inputOf(value['arguments'] ?? value['parameters'], evidence);
  return input === undefined ? [] : [{ name, input }];
}

/** Models quote the tools they were given; a definition is no call. */
function isDefinition(value: Readonly<Record<string, unknown>>): boolean {
  if ('description' in value) return true;
  const { parameters } = value;
  return isRecord(parameters) && parameters['type'] === 'object' && isRecord(parameters['properties']);
}

function inputOf(value: unknown, evidence: CallEvidence): FoundCall['input'] | undefined {
  if (isRecord(value)) return value;
  if (value === undefined || value === null) return evidence === 'marked' ? {} : undefined;
  if (typeof value !== 'string') return undefined;
  if (value.trim() === '') return {};
  const parsed = parseJson(value);
  return parsed.ok && isRecord(parsed.value) ? parsed.value : undefined;
}
