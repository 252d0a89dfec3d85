/** Everything {@link snapshot} made, so that what is frozen already is shared and not copied again. */
const SNAPSHOTS = new WeakSet<object>();

/**
 * Copies a JSON value deeply and freezes the copy, so that nothing can change what was recorded. A
 * snapshot of a snapshot is itself. Keys stay what they are: `__proto__` is an ordinary own property.
 */
export function snapshot<T>(value: T): T {
  if (typeof value !== 'object' || value === null || SNAPSHOTS.has(value)) return value;
  const copy = Object.freeze(
    Array.isArray(value)
      ? value.map((inner: unknown) => snapshot(inner))
      : Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, snapshot<unknown>(inner)])),
  );
  SNAPSHOTS.add(copy);
  return copy as T;
}
