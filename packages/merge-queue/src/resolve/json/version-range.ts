interface VersionRange {
  readonly operator: string;
  /** Major, minor, patch. */
  readonly version: readonly [number, number, number];
}

const RANGE = /^(\^|~|>=|)(\d{1,9})\.(\d{1,9})\.(\d{1,9})$/;

/**
 * The higher of two ranges with the same operator and major version; undefined when they cannot be compared so.
 * Below 1.0.0 the minor version is what the major is later. Tags, unions and pre-releases are no such ranges.
 */
export function higherRange(a: string, b: string): string | undefined {
  const [first, second] = [parseRange(a), parseRange(b)];
  if (first === undefined || second === undefined || first.operator !== second.operator) return undefined;
  const [[majorA, minorA, patchA], [majorB, minorB, patchB]] = [first.version, second.version];
  if (majorA !== majorB || (majorA === 0 && minorA !== minorB)) return undefined;
  return (minorA - minorB || patchA - patchB) >= 0 ? a : b;
}

function parseRange(text: string): VersionRange | undefined {
  const match = RANGE.exec(text);
  if (match === null) return undefined;
  const [, operator = '', major, minor, patch] = match;
  return { operator, version: [Number(major), Number(minor), Number(patch)] };
}
