import type { TextSides } from './resolve-texts.ts';
import { sortingOrder } from './sorting-order.ts';
import { linesOf } from './text-lines.ts';

/** Joins sets of lines kept in an order; undefined when they are in none or a side removed something. */
export function mergeSets({ base = '', ours, theirs }: TextSides): string | undefined {
  const lists = [linesOf(base), linesOf(ours), linesOf(theirs)] as const;
  const order = sortingOrder(lists);
  const [baseLines, ourLines, theirLines] = lists.map((lines) => new Set(lines));
  if (order === undefined || baseLines === undefined || ourLines === undefined || theirLines === undefined) {
    return undefined;
  }
  if (!baseLines.isSubsetOf(ourLines) || !baseLines.isSubsetOf(theirLines)) return undefined;
  return joinLines([...ourLines.union(theirLines)].toSorted(order), { ours, theirs });
}

/** Puts what both sides added where they added it, ours first; undefined when a side lacks a line of the base. */
export function mergeLogs({ base = '', ours, theirs }: TextSides): string | undefined {
  const baseLines = linesOf(base);
  const [ourGaps, theirGaps] = [insertions(baseLines, linesOf(ours)), insertions(baseLines, linesOf(theirs))];
  if (ourGaps === undefined || theirGaps === undefined) return undefined;
  const lines = ourGaps.flatMap((added, index) => {
    const others = theirGaps[index] ?? [];
    const isSameBlock = added.length === others.length && added.every((line, at) => line === others[at]);
    return [...added, ...(isSameBlock ? [] : others), ...baseLines.slice(index, index + 1)];
  });
  return joinLines(lines, { ours, theirs });
}

/** Lines a side has before each line of the base, and after the last; undefined when it lacks one of them. */
function insertions(base: readonly string[], side: readonly string[]): readonly string[][] | undefined {
  const gaps: string[][] = [[]];
  for (const line of side) {
    if (gaps.length <= base.length && line === base[gaps.length - 1]) gaps.push([]);
    else gaps.at(-1)?.push(line);
  }
  return gaps.length === base.length + 1 ? gaps : undefined;
}

function joinLines(lines: readonly string[], { ours, theirs }: TextSides): string {
  const end = lines.length > 0 && (ours.endsWith('\n') || theirs.endsWith('\n')) ? '\n' : '';
  return lines.join('\n') + end;
}
