import type { TextSides } from './resolve-texts.ts';

const MAX_LINE_LENGTH = 120;

/** Lines a side added that a result has fewer of, in order; indentation, a comma at the end and empty lines do not count. */
export function addedLinesMissing(base: string, side: string, result: string): readonly string[] {
  const allowed = countLines(result);
  for (const [line, count] of countLines(base)) allowed.set(line, Math.max(count, allowed.get(line) ?? 0));
  return significantLines(side).filter((line) => {
    const left = allowed.get(line) ?? 0;
    allowed.set(line, left - 1);
    return left <= 0;
  });
}

/** Says what of both sides is not in a result, in at most `max` lines; empty when nothing was lost. */
export function summarizeLost(sides: TextSides, result: string, max: number): readonly string[] {
  const base = sides.base ?? '';
  const lost = (['ours', 'theirs'] as const).flatMap((side) =>
    addedLinesMissing(base, sides[side], result).map((line) => `${side}: ${line.slice(0, MAX_LINE_LENGTH)}`),
  );
  if (lost.length <= max) return lost;
  return [...lost.slice(0, max - 1), `and ${lost.length - max + 1} more lines`];
}

function countLines(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of significantLines(text)) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}

function significantLines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim().replace(/,$/, ''))
    .filter((line) => line !== '');
}
