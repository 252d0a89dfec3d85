import { inputOfTexts } from './text-input.ts';
import { isRecord, type FoundCall } from './found-call.ts';
import { callsOfJson } from './json-call.ts';
import { readJsonSequence } from './json-region.ts';
import { parseLenientJson } from '../parse-json.ts';
import type { Region, Scanner } from './scanner.ts';

const OPEN = '<tool_call>';
const CLOSE = '</tool_call>';
const FUNCTION_OPEN = '<function=';
const FUNCTION_CLOSE = '</function>';
const PARAMETER_OPEN = '<parameter=';
const VALUE_CLOSE = '</arg_value>';

/** `<tool_call>` around JSON (Hermes, Qwen), `<function=…>` (Qwen3-Coder) or a name with `<arg_key>`s (GLM). */
export function readTaggedCall(scanner: Scanner, at: number): Region | undefined {
  const body = scanner.skipSpace(at + OPEN.length);
  if (scanner.text.startsWith(FUNCTION_OPEN, body)) return readFunctions(scanner, body);
  const json = readJsonSequence(scanner, body);
  if (json !== undefined) return { ...json, end: afterClose(scanner, json.end) };
  const close = scanner.next(CLOSE, body);
  if (close === undefined || !scanner.spend(close - body)) return undefined;
  const text = scanner.text.slice(body, close);
  const end = close + CLOSE.length;
  if (!/^[[{]/.test(text)) return { calls: readArgKeys(scanner, text), end };
  const parsed = parseLenientJson(text);
  return { calls: parsed.ok ? callsOfJson(parsed.value, scanner.tools, 'marked') : [], end };
}

function readFunctions(scanner: Scanner, from: number): Region | undefined {
  const calls: FoundCall[] = [];
  let end: number | undefined;
  for (let at = from; scanner.text.startsWith(FUNCTION_OPEN, at);) {
    const region = readFunctionCall(scanner, at);
    if (region === undefined) break;
    calls.push(...region.calls);
    end = region.end;
    at = scanner.skipSpace(end);
  }
  return end === undefined ? undefined : { calls, end: afterClose(scanner, end) };
}

function afterClose(scanner: Scanner, from: number): number {
  const at = scanner.skipSpace(from);
  return scanner.text.startsWith(CLOSE, at) ? at + CLOSE.length : from;
}

/** `<function=name>` around `<parameter=…>` tags or a JSON object. A call that was cut off is none. */
export function readFunctionCall(scanner: Scanner, at: number): Region | undefined {
  const header = /<function=\s*["']?([\w.:-]{1,100})["']?\s*>/y;
  header.lastIndex = at;
  const name = header.exec(scanner.text)?.[1];
  if (name === undefined) return undefined;
  const body = scanner.skipSpace(header.lastIndex);
  const closed = scanner.next(FUNCTION_CLOSE, body);
  const close = closed ?? scanner.next(CLOSE, body);
  if (close === undefined || !scanner.spend(close - body)) return undefined;
  const end = close + (closed === undefined ? 0 : FUNCTION_CLOSE.length);
  if (!scanner.tools.has(name)) return { calls: [], end };
  const input = readFunctionBody(scanner, scanner.text.slice(body, close), name);
  return { calls: input === undefined ? [] : [{ name, input }], end };
}

function readFunctionBody(scanner: Scanner, body: string, name: string): FoundCall['input'] | undefined {
  if (body === '') return {};
  if (body.startsWith('{')) {
    const parsed = parseLenientJson(body);
    return parsed.ok && isRecord(parsed.value) ? parsed.value : undefined;
  }
  if (!body.startsWith(PARAMETER_OPEN)) return undefined;
  const parameters = body.split(PARAMETER_OPEN).slice(1).map(readParameter);
  return inputOfTexts(parameters, scanner.tools.get(name));
}

/** Models forget the closing tag; the next parameter then ends the value. */
function readParameter(text: string): readonly [string, string] {
  const nameEnd = Math.max(0, text.indexOf('>'));
  const closed = text.lastIndexOf('</parameter>');
  const value = text.slice(nameEnd + 1, closed < 0 ? text.length : closed);
  const name = text
    .slice(0, nameEnd)
    .trim()
    .replace(/^["']|["']$/g, '');
  return [name, value.replace(/^\r?\n/, '').replace(/\r?\n$/, '')];
}

function readArgKeys(scanner: Scanner, text: string): readonly FoundCall[] {
  const name = /^([\w.:-]{1,100})\s*(?=<arg_key>|$)/.exec(text)?.[1];
  if (name === undefined || !scanner.tools.has(name)) return [];
  const texts: [string, string][] = [];
  const end = text.trimEnd().length;
  for (let at = name.length; at < end;) {
    const head = /\s*<arg_key>([^<]*)<\/arg_key>\s*<arg_value>/y;
    head.lastIndex = at;
    const key = head.exec(text)?.[1];
    const valueEnd = text.indexOf(VALUE_CLOSE, head.lastIndex);
    // What is no complete pair was cut off.
    if (key === undefined || valueEnd < 0) return [];
    texts.push([key.trim(), text.slice(head.lastIndex, valueEnd)]);
    at = valueEnd + VALUE_CLOSE.length;
  }
  return [{ name, input: inputOfTexts(texts, scanner.tools.get(name)) }];
}
