import { isInScope } from '@agentswarm/core';
import type { ConflictResolver } from './conflict-resolver.ts';
import { mergeLogs, mergeSets } from './merge-lines.ts';
import { resolveTexts } from './resolve-texts.ts';

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
        decide: (sides, path) => {
          const text = isInScope(path, sorted) ? mergeSets(sides) : mergeLogs(sides);
          return text === undefined ? undefined : { text, dropped: [] };
        },
      }),
  };
}
