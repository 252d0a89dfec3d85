/** Who wants tokens: at least `floor`, at most `want`. */
export interface TokenClaim {
  readonly floor: number;
  readonly want: number;
  readonly weight: number;
}

/**
 * Shares tokens among claims: everybody gets the floor, the rest goes by weight, and what one does not want goes to the
 * others. `tokens` covers the floors. The shares are whole numbers and never exceed `tokens` in sum.
 */
export function shareTokens(tokens: number, claims: readonly TokenClaim[]): readonly number[] {
  const shares = claims.map(({ floor, want }) => Math.min(floor, want));
  let rest = tokens - shares.reduce((sum, share) => sum + share, 0);
  for (;;) {
    const hungry = claims.flatMap(({ want, weight }, index) => {
      const missing = want - (shares[index] ?? 0);
      return missing > 0 ? [{ index, missing, weight }] : [];
    });
    const weights = hungry.reduce((sum, { weight }) => sum + weight, 0);
    const portions = hungry.map((each) => ({
      ...each,
      portion: Math.min(each.missing, Math.floor((rest * each.weight) / weights)),
    }));
    const given = portions.reduce((sum, { portion }) => sum + portion, 0);
    if (given === 0) return shares;
    for (const { index, portion } of portions) shares[index] = (shares[index] ?? 0) + portion;
    rest -= given;
  }
}
