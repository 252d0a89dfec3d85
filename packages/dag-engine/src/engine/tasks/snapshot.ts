import { freezeKnown, isKnown } from '../model/known-json.ts';

/**
 * Copies a JSON value deeply and freezes the copy, so that nothing can change what was recorded. A
 * snapshot of a snapshot is itself. Keys stay what they are: `__proto__` is an ordinary own property.
 */
export function snapshot<T>(value: T): T {
  if (typeof value !== 'object' || value === null || isKnown(value)) return value;
  const copy = Array.isArray(value) ? value.map((inner: unknown) => snapshot(inner)) : fieldsOf(value);
  return freezeKnown(copy) as T;
}

function fieldsOf(source: object): object {
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(source)) {
    const inner = snapshot((source as Readonly<Record<string, unknown>>)[key]);
    if (key === '__proto__') Object.defineProperty(copy, key, { value: inner, enumerable: true });
    else copy[key] = inner;
  }
  return copy;
}
