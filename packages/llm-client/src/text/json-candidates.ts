import { splitThinking } from './split-thinking.ts';

const MAX_SCAN_STARTS = 40;

/**
 * Yields the parts of a model's answer that parse as a JSON object or array, the most likely first:
 * the whole text, the text without think blocks, what stands in code fences, then every balanced
 * object or array in the prose.
 */
export function* jsonCandidates(text: string): Generator {
  const bare = splitThinking(text).text.trim();
  const seen = new Set<string>();
  for (const candidate of candidateTexts(text.trim(), bare)) {
    if (seen.has(candidate)) continue;
    seen.add(candidate);
    const parsed = parseContainer(candidate);
    if (parsed.ok) yield parsed.value;
  }
}

function* candidateTexts(whole: string, bare: string): Generator<string> {
  yield whole;
  yield bare;
  // Greedy first: a fence inside a JSON string must not end the block.
  const outer = /```[\w-]*\s*\n([\s\S]*)\n\s*```/.exec(bare);
  if (outer?.[1] !== undefined) yield outer[1].trim();
  for (const fence of bare.matchAll(/```[\w-]*\s*\n([\s\S]*?)\n\s*```/g)) yield (fence[1] ?? '').trim();
  yield* balancedParts(bare);
}

function* balancedParts(text: string): Generator<string> {
  let from = 0;
  for (let tries = 0; tries < MAX_SCAN_STARTS; tries += 1) {
    const offset = text.slice(from).search(/[{[]/);
    if (offset < 0) return;
    const start = from + offset;
    const end = endOfBalanced(text, start);
    if (end !== undefined) {
      const part = text.slice(start, end);
      yield part;
      from = parseContainer(part).ok ? end : start + 1;
    } else from = start + 1;
  }
}

function endOfBalanced(text: string, start: number): number | undefined {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at += 1) {
    const char = text[at];
    if (inString) {
      if (char === '\\') at += 1;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') depth -= 1;
    if (depth === 0) return at + 1;
  }
  return undefined;
}

function parseContainer(text: string): { ok: true; value: unknown } | { ok: false; problem: string } {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return { ok: true, value };
    return { ok: false, problem: 'is no JSON object or array' };
  } catch (error) {
    return { ok: false, problem: String(error) };
  }
}

/** Why nothing in the text parses, in words a model can act on. */
export function describeJsonProblem(text: string): string {
  const bare = splitThinking(text).text.trim();
  if (bare === '') return 'the answer holds no JSON: it is empty';
  const parsed = parseContainer(/```[\w-]*\s*\n([\s\S]*)\n\s*```/.exec(bare)?.[1]?.trim() ?? bare);
  return `the answer is no valid JSON: ${parsed.ok ? 'unknown problem' : parsed.problem}`;
}
