const NANO_PER_USD = 1e9;

/** What a call or a slice of time uses: whole billionths of a dollar, so that sums do not depend on their order. */
export interface Amount {
  readonly nanoUsd: number;
  readonly tokens: number;
}

export function nanoUsdOf(usd: number): number {
  return Math.round(usd * NANO_PER_USD);
}

export function usdOf(nanoUsd: number): number {
  return nanoUsd / NANO_PER_USD;
}

/**
 * Writes sums of one sentence with as many decimals as the smallest of them needs for two digits, at least two.
 * Rounds up: a sum that is said to do, does.
 */
export function formatUsd(sums: readonly number[]): readonly string[] {
  const smallest = Math.min(...sums.filter((nanoUsd) => nanoUsd > 0), NANO_PER_USD);
  const decimals = Math.min(9, Math.max(2, 11 - String(Math.ceil(smallest)).length));
  const unit = 10 ** (9 - decimals);
  return sums.map((nanoUsd) => (Math.ceil(nanoUsd / unit) / 10 ** decimals).toFixed(decimals));
}
