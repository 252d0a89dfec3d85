import type { BudgetPolicy, Price } from '@agentswarm/core';
import { LlmError } from '../errors.ts';
import type { SpendScope } from './budget.ts';
import { limitsOf, scopesOf } from './budget-scope.ts';

/** A model at an endpoint, and what it costs there. */
export interface PricedModel {
  /** Name of the endpoint. */
  readonly provider: string;
  readonly model: string;
  /** Undefined when nobody stated one; `{}` is free. */
  readonly price: Price | undefined;
}

/**
 * Checks before any call that every model has a price where a bound in USD can apply to it.
 *
 * @throws {LlmError} PRICE_UNKNOWN naming every model and endpoint without a price.
 */
export function assertPriced(policy: BudgetPolicy, models: readonly PricedModel[]): void {
  const isBound = [policy.run, policy.task, policy.attempt, policy.call].some(
    (limits) => limits?.usd !== undefined,
  );
  const unpriced = models.filter(
    ({ provider, price }) =>
      price === undefined &&
      (isBound || limitsOf(policy, { kind: 'provider', id: provider }).usd !== undefined),
  );
  if (unpriced.length > 0) throw priceUnknown(unpriced);
}

/** Whether a bound in USD applies to a call, so that its price must be known. */
export function needsPrice(policy: BudgetPolicy, call: SpendScope): boolean {
  return [{ kind: 'call' } as const, ...scopesOf(call)].some(
    (scope) => limitsOf(policy, scope).usd !== undefined,
  );
}

export function priceUnknown(models: readonly Pick<PricedModel, 'provider' | 'model'>[]): LlmError {
  const names = models.map(({ provider, model }) => `${model} at ${provider}`).join(', ');
  return new LlmError(
    'PRICE_UNKNOWN',
    `a budget in USD is set and the price of ${names} is unknown: state one, {} if it is free`,
    { details: { models: models.map(({ provider, model }) => ({ provider, model })) } },
  );
}
