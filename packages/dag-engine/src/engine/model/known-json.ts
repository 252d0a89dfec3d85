/** Every object that is known to be frozen to its last level: how many levels, `Infinity` when not all of it is JSON. */
const LEVELS = new WeakMap<object, number>();

/** Remembers a value that is JSON frozen to its last level, and how many levels it has: nobody has to copy it again. */
export function rememberKnown(value: object, levels: number): void {
  LEVELS.set(value, levels);
}

/** Freezes a copy all of whose objects are remembered, and remembers it too. Gives the same object. */
export function freezeKnown<T extends object>(copy: T): T {
  let levels = 0;
  for (const key of Object.keys(copy)) levels = Math.max(levels, levelsOf(copy[key as keyof T]));
  rememberKnown(Object.freeze(copy), levels + 1);
  return copy;
}

/** Whether it is remembered: then it is frozen to its last level. */
export function isKnown(value: object): boolean {
  return LEVELS.has(value);
}

/** How deep a value is that is known to be frozen JSON, 0 for a scalar; `Infinity` for everything else. */
export function levelsOf(value: unknown): number {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return 0;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0) ? 0 : Infinity;
    case 'object':
      return value === null ? 0 : (LEVELS.get(value) ?? Infinity);
    default:
      return Infinity;
  }
}
