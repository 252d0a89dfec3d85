/**
 * Milliseconds of processor time the work took, its share of garbage collection included. Unlike the
 * time on the clock it hardly depends on what else the machine does.
 */
export async function cpuMs<Result>(
  work: () => Result | Promise<Result>,
): Promise<{ ms: number; result: Result }> {
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return { ms: (user + system) / 1_000, result };
}

/** The middle of an odd number of measurements. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

export function round(value: number): number {
  return Number(value.toPrecision(3));
}
