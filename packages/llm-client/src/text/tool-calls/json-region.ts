import type { FoundCall } from './found-call.ts';
import { callsOfJson, type CallEvidence } from './json-call.ts';
import { parseJson } from '../parse-json.ts';
import type { Region, Scanner } from './scanner.ts';

/** Reads the object or list that begins at `from`; undefined when none does. */
export function readJsonRegion(scanner: Scanner, from: number, evidence: CallEvidence): Region | undefined {
  const end = scanner.spanEnd(from);
  if (end === undefined || !scanner.spend(end - from)) return undefined;
  const parsed = parseJson(scanner.text.slice(from, end));
  return parsed.ok ? { calls: callsOfJson(parsed.value, scanner.tools, evidence), end } : undefined;
}

/** Reads objects and lists one after the other, with nothing but separators between. */
export function readJsonSequence(scanner: Scanner, from: number): Region | undefined {
  const calls: FoundCall[] = [];
  let end: number | undefined;
  let at = scanner.skipSpace(from);
  for (;;) {
    const region = readJsonRegion(scanner, at, 'marked');
    if (region === undefined) return end === undefined ? undefined : { calls, end };
    calls.push(...region.calls);
    end = region.end;
    at = scanner.skipSpace(end);
    if (/[;,]/.test(scanner.text.charAt(at))) at = scanner.skipSpace(at + 1);
  }
}
