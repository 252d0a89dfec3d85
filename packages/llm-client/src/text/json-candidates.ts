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
  const outer = outermostBlock(bare);
  if (outer !== undefined) yield outer;
  yield* blocksOf(bare);
  yield* balancedParts(bare);
}

const OPENS_BLOCK = /```[\w-]*\s*$/;
const CLOSES_BLOCK = /^\s*```/;

/** From the first fence to the last: one inside a JSON string must not end the block. */
function outermostBlock(text: string): string | undefined {
  const lines = text.split('\n');
  const open = lines.findIndex((line) => OPENS_BLOCK.test(line));
  const close = lines.findLastIndex((line) => CLOSES_BLOCK.test(line));
  return open < 0 || close < open + 2 ? undefined : contentOf(lines, open, close);
}

/** Line by line, for one expression over all of a hostile text takes a power of its length. */
function* blocksOf(text: string): Generator<string> {
  const lines = text.split('\n');
  let open: number | undefined;
  for (const [at, line] of lines.entries()) {
    if (open === undefined) {
      if (OPENS_BLOCK.test(line)) open = at;
    } else if (at > open + 1 && CLOSES_BLOCK.test(line)) {
      yield contentOf(lines, open, at);
      open = undefined;
    }
  }
}

function contentOf(lines: readonly string[], open: number, close: number): string {
  return lines
    .slice(open + 1, close)
    .join('\n')
    .trim();
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
  const parsed = parseContainer(outermostBlock(bare) ?? bare);
  return `the answer is no valid JSON: ${parsed.ok ? 'unknown problem' : parsed.problem}`;
}
