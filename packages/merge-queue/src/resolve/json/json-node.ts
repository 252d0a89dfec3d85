/** A JSON value with what its source text looked like: numbers, order and layout survive a merge. */
export type JsonNode = JsonScalar | JsonArray | JsonObject;

interface Written {
  /** As written in a document of the same style; absent for values that a merge made. */
  readonly text?: string;
}

export interface JsonScalar extends Written {
  readonly kind: 'scalar';
  /** The literal, with one spelling for each string. */
  readonly literal: string;
}

export interface JsonArray extends Written {
  readonly kind: 'array';
  readonly items: readonly JsonNode[];
  /** Written on one line. */
  readonly inline: boolean;
}

export interface JsonObject extends Written {
  readonly kind: 'object';
  /** A map, because `__proto__` is a key like any other. */
  readonly members: ReadonlyMap<string, JsonNode>;
  readonly inline: boolean;
}

/** Whether two values are written alike but for white space; the order of keys counts. */
export function sameJson(a: JsonNode | undefined, b: JsonNode | undefined): boolean {
  if (a === undefined || b === undefined || a === b) return a === b;
  if (a.kind === 'scalar') return b.kind === 'scalar' && a.literal === b.literal;
  if (a.kind === 'array') {
    return (
      b.kind === 'array' &&
      a.items.length === b.items.length &&
      a.items.every((item, index) => sameJson(item, b.items[index]))
    );
  }
  return b.kind === 'object' && sameMembers([...a.members], [...b.members]);
}

type Members = readonly (readonly [string, JsonNode])[];

function sameMembers(a: Members, b: Members): boolean {
  return (
    a.length === b.length &&
    a.every(([key, value], index) => key === b[index]?.[0] && sameJson(value, b[index][1]))
  );
}
