import type { ToolCall, ToolDefinition } from '../../messages/chat-message.ts';
import { findFences, type Fence } from './fences.ts';
import { indexTools, isRecord, type FoundCall } from './found-call.ts';
import { callsOfJson } from './json-call.ts';
import { readJsonRegion, readJsonSequence } from './json-region.ts';
import { parseLenientJson } from '../parse-json.ts';
import { createScanner, type Region, type Scanner } from './scanner.ts';
import { readFunctionCall, readTaggedCall } from './tagged-region.ts';

/** An answer without the calls that were written into it, and the calls. */
export interface RecoveredToolCalls {
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
}

/**
 * Finds the tool calls that models write into their answer where the server does not parse them: `<tool_call>` with
 * JSON (Hermes, Qwen) or argument tags (GLM), `<function=…>` (Qwen3-Coder, Llama), `<|python_tag|>` (Llama),
 * `[TOOL_CALLS]` (Mistral), and plain JSON objects, fenced or not. Calls of other tools, definitions of tools and
 * code in fences of another language stay text. Equal calls count once; ids are `call_0`, `call_1`, …
 *
 * @param text - Without thoughts: calls the model only considered would count.
 * @param tools - Names, or definitions where arguments written as tags should follow the declared types.
 */
export function recoverToolCalls(text: string, tools: Iterable<string | ToolDefinition>): RecoveredToolCalls {
  return scanToolCalls(createScanner(text, indexTools(tools)));
}

const MARKER = /<tool_call>|<function=|<\|python_tag\|>|\[TOOL_CALLS\]|^[ \t]*```|\[\s*\{|\{/gm;

/** `JSON.stringify` overflows the stack on what `JSON.parse` still reads. */
const MAX_DEPTH = 100;

/** The search itself; its cost is what the scanner let it spend. */
export function scanToolCalls(scanner: Scanner): RecoveredToolCalls {
  const { text } = scanner;
  const fences = findFences(text);
  const found: FoundCall[] = [];
  const kept: string[] = [];
  let keptTo = 0;
  const marker = new RegExp(MARKER);
  for (let match = marker.exec(text); match !== null; match = marker.exec(text)) {
    const region = readRegion(scanner, match, fences);
    // What cannot be read may still contain something that can.
    marker.lastIndex = region?.end ?? match.index + 1;
    const calls = region?.calls.filter(({ input }) => isNestedWithin(input, MAX_DEPTH)) ?? [];
    if (region === undefined || calls.length === 0) continue;
    found.push(...calls);
    kept.push(text.slice(keptTo, match.index));
    keptTo = region.end;
  }
  if (found.length === 0) return { text, toolCalls: [] };
  return { text: tidy([...kept, text.slice(keptTo)].join('')), toolCalls: numbered(found) };
}

function readRegion(
  scanner: Scanner,
  match: RegExpExecArray,
  fences: ReadonlyMap<number, Fence>,
): Region | undefined {
  const after = match.index + match[0].length;
  switch (match[0]) {
    case '<tool_call>':
      return readTaggedCall(scanner, match.index);
    case '<function=':
      return readFunctionCall(scanner, match.index);
    case '<|python_tag|>':
      return readJsonSequence(scanner, after);
    case '[TOOL_CALLS]':
      return readJsonSequence(scanner, after) ?? readNamedCall(scanner, after);
    default:
      if (match[0].endsWith('`')) return readFence(scanner, fences.get(match.index));
      return readJsonRegion(scanner, match.index, 'bare');
  }
}

/** Newer Mistral templates: `name[ARGS]{…}`. */
function readNamedCall(scanner: Scanner, from: number): Region | undefined {
  const header = /\s*([\w.:-]{1,100})(?:\[CALL_ID\]\w{1,64})?(?:\[ARGS\])?\s*/y;
  header.lastIndex = from;
  const name = header.exec(scanner.text)?.[1];
  const end = scanner.spanEnd(header.lastIndex);
  if (name === undefined || end === undefined || !scanner.spend(end - header.lastIndex)) return undefined;
  const parsed = parseLenientJson(scanner.text.slice(header.lastIndex, end));
  if (!parsed.ok || !isRecord(parsed.value)) return undefined;
  return { calls: scanner.tools.has(name) ? [{ name, input: parsed.value }] : [], end };
}

const CALL_LANGUAGES: ReadonlySet<string> = new Set(['', 'json', 'xml', 'text', 'tool_call', 'tool_code']);

function readFence(scanner: Scanner, fence: Fence | undefined): Region | undefined {
  if (fence === undefined) return undefined;
  if (!CALL_LANGUAGES.has(fence.language)) return { calls: [], end: fence.end };
  if (!scanner.spend(fence.contentEnd - fence.contentStart)) return undefined;
  const content = scanner.text.slice(fence.contentStart, fence.contentEnd);
  if (!/^\s*[[{]/.test(content)) return undefined;
  const parsed = parseLenientJson(content);
  const calls = parsed.ok ? callsOfJson(parsed.value, scanner.tools, 'bare') : [];
  return calls.length > 0 ? { calls, end: fence.end } : undefined;
}

function isNestedWithin(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((item) => isNestedWithin(item, depth - 1));
}

function numbered(found: readonly FoundCall[]): readonly ToolCall[] {
  const distinct = new Map<string, Omit<ToolCall, 'id'>>();
  for (const { name, input } of found) {
    const call = { name, arguments: JSON.stringify(input) };
    const key = JSON.stringify([call.name, call.arguments]);
    if (!distinct.has(key)) distinct.set(key, call);
  }
  return [...distinct.values()].map((call, index) => ({ id: `call_${index}`, ...call }));
}

/** A fence whose calls are gone holds nothing. */
function tidy(text: string): string {
  return text.replace(/^[ \t]*```\w*\s*```[ \t]*$/gm, '').trim();
}
