import { isInScope } from '@agentswarm/core';
import type { ConflictResolver } from './conflict-resolver.ts';
import { resolveTexts, type TextDecision, type TextSides } from './resolve-texts.ts';
import { sortingOrder } from './sorting-order.ts';
import { linesOf } from './text-lines.ts';

/** Files that are lists of lines, as scope entries: a file, or a directory written `dir/`. */
export interface UnionResolverOptions {
  /** Logs: lines are only ever added. Default none. */
  readonly appendOnly?: readonly string[];
  /** Sets of lines in alphabetical order. Default none. */
  readonly sorted?: readonly string[];
}

/** Keeps the lines both sides added to declared files; declines when a side removed or changed a line. */
export function unionResolver({ appendOnly = [], sorted = [] }: UnionResolverOptions): ConflictResolver {
  return {
    name: 'union',
    cost: 'inline',
    resolve: (request) =>
      resolveTexts(request, {
        takes: (path) => isInScope(path, [...appendOnly, ...sorted]),
        decide: (sides, path) => (isInScope(path, sorted) ? mergeSets(sides) : mergeLogs(sides)),
      }),
  };
}

function mergeSets({ base = '', ours, theirs }: TextSides): TextDecision | undefined {
  const lists = [linesOf(base), linesOf(ours), linesOf(theirs)] as const;
  const order = sortingOrder(lists);
  const [baseLines, ourLines, theirLines] = lists.map((lines) => new Set(lines));
  if (order === undefined || baseLines === undefined || ourLines === undefined || theirLines === undefined) {
    return undefined;
  }
  if (!baseLines.isSubsetOf(ourLines) || !baseLines.isSubsetOf(theirLines)) return undefined;
  return decision([...ourLines.union(theirLines)].toSorted(order), { ours, theirs });
}

function mergeLogs({ base = '', ours, theirs }: TextSides): TextDecision | undefined {
  const baseLines = linesOf(base);
  const [ourGaps, theirGaps] = [insertions(baseLines, linesOf(ours)), insertions(baseLines, linesOf(theirs))];
  if (ourGaps === undefined || theirGaps === undefined) return undefined;
  const lines = ourGaps.flatMap((added, index) => {
    const others = theirGaps[index] ?? [];
    const sameBlock = added.join('\n') === others.join('\n');
    return [...added, ...(sameBlock ? [] : others), ...baseLines.slice(index, index + 1)];
  });
  return decision(lines, { ours, theirs });
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

function decision(lines: readonly string[], { ours, theirs }: TextSides): TextDecision {
  const end = lines.length > 0 && (ours.endsWith('\n') || theirs.endsWith('\n')) ? '\n' : '';
  return { text: lines.join('\n') + end, dropped: [] };
}
