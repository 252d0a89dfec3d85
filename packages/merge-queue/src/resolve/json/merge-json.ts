import { sameJson, type JsonArray, type JsonNode, type JsonObject, type JsonScalar } from './json-node.ts';

/** The versions of one value; a side that has no such value is absent. */
export interface JsonSides {
  readonly base?: JsonNode | undefined;
  readonly ours?: JsonNode | undefined;
  readonly theirs?: JsonNode | undefined;
}

/** Decides a value both sides gave differently; undefined declines. */
export type DecideJson = (sides: JsonSides, path: readonly string[]) => JsonNode | undefined;

/** A value, undefined where it shall not exist, or no decision. */
type Merged = JsonNode | undefined | 'conflict';

interface ChangedSides extends JsonSides {
  readonly ours: JsonNode;
  readonly theirs: JsonNode;
}

/** Merges by key; a value that only one side changed is that side's. Undefined when something needs a decision. */
export function mergeJson(sides: JsonSides, decide: DecideJson): JsonNode | undefined {
  const merged = mergeValue(sides, [], decide);
  return merged === 'conflict' ? undefined : merged;
}

function mergeValue(sides: JsonSides, path: readonly string[], decide: DecideJson): Merged {
  const { base, ours, theirs } = sides;
  if (sameJson(ours, theirs) || sameJson(theirs, base)) return ours;
  if (sameJson(ours, base)) return theirs;
  if (ours === undefined || theirs === undefined) return 'conflict';
  return mergeChanged({ base, ours, theirs }, path, decide);
}

/** Both sides have the value, and both changed it. */
function mergeChanged(sides: ChangedSides, path: readonly string[], decide: DecideJson): Merged {
  const { base, ours, theirs } = sides;
  if (ours.kind === 'object' && theirs.kind === 'object') {
    if (base !== undefined && base.kind !== 'object') return 'conflict';
    return mergeObjects({ base, ours, theirs }, path, decide);
  }
  if (base?.kind === 'array' && ours.kind === 'array' && theirs.kind === 'array') {
    return mergeArrays(base, ours, theirs);
  }
  return decide(sides, path) ?? 'conflict';
}

interface ObjectSides {
  readonly base?: JsonObject | undefined;
  readonly ours: JsonObject;
  readonly theirs: JsonObject;
}

function mergeObjects(sides: ObjectSides, path: readonly string[], decide: DecideJson): Merged {
  const { base, ours, theirs } = sides;
  const members = new Map<string, JsonNode>();
  for (const key of mergedOrder([...ours.members.keys()], [...theirs.members.keys()])) {
    const versions = {
      base: base?.members.get(key),
      ours: ours.members.get(key),
      theirs: theirs.members.get(key),
    };
    const merged = mergeValue(versions, [...path, key], decide);
    if (merged === 'conflict') return merged;
    if (merged !== undefined) members.set(key, merged);
  }
  return { kind: 'object', members, inline: ours.inline && theirs.inline };
}

/** Ours' order; what only theirs has follows what it follows there, after what ours added at that place. */
export function mergedOrder(ours: readonly string[], theirs: readonly string[]): readonly string[] {
  const [inOurs, inTheirs] = [new Set(ours), new Set(theirs)];
  const additions = new Map<string | undefined, string[]>();
  let anchor: string | undefined;
  for (const key of theirs) {
    if (inOurs.has(key)) anchor = key;
    else addTo(additions, anchor, key);
  }
  const order: string[] = [];
  let pending = additions.get(undefined) ?? [];
  for (const key of ours) {
    if (inTheirs.has(key)) {
      order.push(...pending, key);
      pending = additions.get(key) ?? [];
    } else order.push(key);
  }
  return [...order, ...pending];
}

function addTo<K>(lists: Map<K, string[]>, key: K, item: string): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}

/** Both sides only appended strings, numbers and the like: the base, ours' and what else theirs has. */
function mergeArrays(base: JsonArray, ours: JsonArray, theirs: JsonArray): Merged {
  const [ourEnd, theirEnd] = [appended(base, ours), appended(base, theirs)];
  if (ourEnd === undefined || theirEnd === undefined) return 'conflict';
  const known = new Set(ourEnd.map(({ literal }) => literal));
  const missing = theirEnd.filter(({ literal }) => !known.has(literal));
  return { kind: 'array', items: [...ours.items, ...missing], inline: ours.inline && theirs.inline };
}

function appended(base: JsonArray, side: JsonArray): readonly JsonScalar[] | undefined {
  if (!base.items.every((item, index) => sameJson(item, side.items[index]))) return undefined;
  const end = side.items.slice(base.items.length);
  return end.every((item) => item.kind === 'scalar') ? end : undefined;
}
