import type { ConflictResolver } from './conflict-resolver.ts';
import { resolveTexts, type TextDecision, type TextSides } from './resolve-texts.ts';
import { linesOf } from './text-lines.ts';

/**
 * Decides files that both sides made: when all lines of one are in the other in the same order, the other
 * is taken. White space at the end of lines does not count. Declines everything else.
 */
export function duplicateResolver(): ConflictResolver {
  return {
    name: 'duplicate',
    cost: 'inline',
    resolve: (request) => resolveTexts(request, { takes: () => true, decide: takeSuperset }),
  };
}

function takeSuperset({ base, ours, theirs }: TextSides): TextDecision | undefined {
  if (base !== undefined) return undefined;
  const [ourLines, theirLines] = [trimmedLines(ours), trimmedLines(theirs)];
  if (containsInOrder(ourLines, theirLines)) return { text: ours, dropped: [] };
  if (containsInOrder(theirLines, ourLines)) return { text: theirs, dropped: [] };
  return undefined;
}

function trimmedLines(text: string): readonly string[] {
  return linesOf(text.trimEnd()).map((line) => line.trimEnd());
}

function containsInOrder(all: readonly string[], some: readonly string[]): boolean {
  let found = 0;
  for (const line of all) if (line === some[found]) found += 1;
  return found >= some.length;
}
