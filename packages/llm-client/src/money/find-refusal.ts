import type { SpendScope } from './budget.ts';
import { limitsOf, scopesOf, type BudgetScope } from './budget-scope.ts';
import { accountOf, type Account, type Ledger } from './ledger.ts';
import { nanoUsdOf, type Amount } from './nano-usd.ts';

/** Sums are billionths of a dollar or tokens, as the unit says. */
export interface Refusal {
  readonly scope: BudgetScope;
  readonly unit: 'usd' | 'tokens';
  readonly limit: number;
  readonly spent: number;
  readonly reserved: number;
  readonly wanted: number;
}

/** A sum somebody wants to set aside; without a model it is for time, which has no bound per call. */
export interface Wanted extends SpendScope, Amount {
  readonly model?: string;
}

const NO_ACCOUNT: Account = { spent: { nanoUsd: 0, tokens: 0 }, reserved: { nanoUsd: 0, tokens: 0 } };

/**
 * The first bound that a sum does not fit in. The bound of a call comes first, for waiting or more money elsewhere
 * does not help there; then the widest, because when the run has nothing left no task has.
 */
export function findRefusal(ledger: Ledger, wanted: Wanted): Refusal | undefined {
  if (wanted.model !== undefined) {
    const refusal = refusalIn(ledger, { kind: 'call' }, wanted);
    if (refusal !== undefined) return refusal;
  }
  for (const scope of scopesOf(wanted)) {
    const refusal = refusalIn(ledger, scope, wanted);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function refusalIn(ledger: Ledger, scope: BudgetScope, wanted: Amount): Refusal | undefined {
  const { usd, tokens } = limitsOf(ledger.policy, scope);
  const { spent, reserved } = scope.kind === 'call' ? NO_ACCOUNT : accountOf(ledger, scope);
  const bounds = [
    {
      unit: 'usd',
      limit: usd === undefined ? Infinity : nanoUsdOf(usd),
      spent: spent.nanoUsd,
      reserved: reserved.nanoUsd,
      wanted: wanted.nanoUsd,
    },
    {
      unit: 'tokens',
      limit: tokens ?? Infinity,
      spent: spent.tokens,
      reserved: reserved.tokens,
      wanted: wanted.tokens,
    },
  ] as const;
  // What is free fits even where more was spent than allowed.
  const broken = bounds.find(
    (bound) => bound.wanted > 0 && bound.spent + bound.reserved + bound.wanted > bound.limit,
  );
  return broken === undefined ? undefined : { scope, ...broken };
}
