const NANO = 1e9;

/** The sum in whole billionths of a dollar, so that many small sums add up to what they are. */
export function addUsd(a: number, b: number): number {
  return Math.round((a + b) * NANO) / NANO;
}
