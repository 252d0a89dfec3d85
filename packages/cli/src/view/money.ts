import type { BudgetLimits, BudgetPolicy, Spend } from '@agentswarm/core';
import { formatCount } from './format.ts';

/** `12.40 USD`; what is less than a cent but more than nothing keeps two digits that say something: `0.0031 USD`. */
export function formatUsd(usd: number): string {
  const isTiny = usd > 0 && usd < 0.01;
  return `${isTiny ? Number(usd.toPrecision(2)).toFixed(9).replace(/0+$/, '') : usd.toFixed(2)} USD`;
}

/** `1.20 USD, 34.0k tokens`. */
export function formatSpend({ nanoUsd, tokens }: Spend): string {
  return [...(nanoUsd > 0 ? [formatUsd(nanoUsd / 1e9)] : []), `${formatCount(tokens)} tokens`].join(', ');
}

/**
 * `1.20 USD of 5.00 USD, 34.0k tokens`: what was spent, of what where there is a bound. No dollars where there is
 * neither a bound nor a sum: the price may be unknown.
 */
export function formatSpentOf(
  spent: Readonly<Record<'usd' | 'tokens', number>>,
  limits: BudgetLimits = {},
): string {
  const allowed = limits.usd === undefined ? '' : ` of ${formatUsd(limits.usd)}`;
  const isDollars = limits.usd !== undefined || spent.usd > 0;
  const most = limits.tokens === undefined ? '' : ` of ${formatCount(limits.tokens)}`;
  return [
    ...(isDollars ? [`${formatUsd(spent.usd)}${allowed}`] : []),
    `${formatCount(spent.tokens)}${most} tokens`,
  ].join(', ');
}

/** `run 5.00 USD; each task 1.00 USD, 200.0k tokens`. */
export function describePolicy({ run, task, attempt, call, providers = {} }: BudgetPolicy): string {
  const scopes: readonly (readonly [string, BudgetLimits | undefined])[] = [
    ['run', run],
    ['each task', task],
    ['each attempt', attempt],
    ['each call', call],
    ...Object.entries(providers),
  ];
  const parts = scopes.flatMap(([name, limits]) =>
    limits === undefined ? [] : [`${name} ${formatLimits(limits)}`],
  );
  return parts.length === 0 ? 'without bounds' : parts.join('; ');
}

function formatLimits({ usd, tokens }: BudgetLimits): string {
  return [
    ...(usd === undefined ? [] : [formatUsd(usd)]),
    ...(tokens === undefined ? [] : [`${formatCount(tokens)} tokens`]),
  ].join(', ');
}
