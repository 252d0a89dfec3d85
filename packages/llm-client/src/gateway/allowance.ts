import type { BudgetLimits } from '@agentswarm/core';
import { nanoUsdOf, type Amount } from '../money/nano-usd.ts';

/** What one token may still spend. */
export interface Allowance {
  /** It is bounded in dollars, so that what a call costs must be known. */
  readonly needsPrice: boolean;
  /** Takes the most a call can cost, unless that does not fit. */
  reserve(most: Amount): AllowedSum | undefined;
}

interface AllowedSum {
  /** Replaces what was taken by what was used. */
  settle(used: Amount): void;
}

export function createAllowance(limits: BudgetLimits): Allowance {
  const { tokens = Infinity } = limits;
  const nanoUsd = limits.usd === undefined ? Infinity : nanoUsdOf(limits.usd);
  const taken = { nanoUsd: 0, tokens: 0 };
  const add = (amount: Amount, sign: 1 | -1) => {
    taken.nanoUsd += sign * amount.nanoUsd;
    taken.tokens += sign * amount.tokens;
  };
  // What is free fits even where more was spent than allowed.
  const fits = (most: number, used: number, limit: number) => most === 0 || used + most <= limit;
  return {
    needsPrice: limits.usd !== undefined,
    reserve(most) {
      const isAllowed = fits(most.nanoUsd, taken.nanoUsd, nanoUsd) && fits(most.tokens, taken.tokens, tokens);
      if (!isAllowed) return undefined;
      add(most, 1);
      return {
        settle(used) {
          add(most, -1);
          add(used, 1);
        },
      };
    },
  };
}
