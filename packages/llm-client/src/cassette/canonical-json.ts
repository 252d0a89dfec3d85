import type { Json } from './exchange.ts';

/** JSON text that is the same for equal values, whatever the order of their keys. */
export function canonicalJson(value: Json): string {
  return JSON.stringify(value, (_key, item: Json) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}

/** One place where two values differ; undefined: there is nothing at that place. */
export interface JsonDifference {
  /** Such as `messages[2].content`. */
  readonly place: string;
  readonly a: Json | undefined;
  readonly b: Json | undefined;
}

/** Where two values differ, in order of `a`, then of what only `b` has. */
export function findJsonDifferences(
  a: Json | undefined,
  b: Json | undefined,
  place = '',
): readonly JsonDifference[] {
  if (isContainer(a) && isContainer(b) && Array.isArray(a) === Array.isArray(b)) {
    const left = new Map(Object.entries(a));
    const right = new Map(Object.entries(b));
    return [...new Set([...left.keys(), ...right.keys()])].flatMap((key) =>
      findJsonDifferences(left.get(key), right.get(key), placeOf(place, { key, inArray: Array.isArray(a) })),
    );
  }
  return a === b ? [] : [{ place: place === '' ? 'body' : place, a, b }];
}

function isContainer(value: Json | undefined): value is Json[] | { [key: string]: Json } {
  return typeof value === 'object' && value !== null;
}

function placeOf(
  parent: string,
  { key, inArray }: { readonly key: string; readonly inArray: boolean },
): string {
  if (inArray) return `${parent}[${key}]`;
  return parent === '' ? key : `${parent}.${key}`;
}
