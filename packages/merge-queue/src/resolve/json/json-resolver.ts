import type { ConflictResolver } from '../conflict-resolver.ts';
import { isLockfile } from '../lockfile/lockfile-kinds.ts';
import { resolveTexts } from '../resolve-texts.ts';
import { mergeJsonTexts, type JsonRules } from './merge-json-texts.ts';

const BY_KEY_ONLY: JsonRules = { decide: () => undefined, finish: (merged) => merged };

/**
 * Merges `.json` files by key, in ours' layout and order. Arrays merge when one side changed them or both
 * only appended strings, numbers and the like. Declines comments, lockfiles and any value given differently.
 */
export function jsonResolver(): ConflictResolver {
  return {
    name: 'json',
    cost: 'inline',
    resolve: (request) =>
      resolveTexts(request, {
        takes: (path) => path.endsWith('.json') && !isLockfile(path),
        decide: (sides) => {
          const text = mergeJsonTexts(sides, BY_KEY_ONLY);
          return text === undefined ? undefined : { text, dropped: [] };
        },
      }),
  };
}
