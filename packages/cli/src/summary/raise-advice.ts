import { budgetSettingsOf, type BudgetPolicy, type RunState } from '@agentswarm/core';
import { formatCount } from '../view/format.ts';

/** What it would take to go on with a run that has no money left. */
export interface RaiseAdvice {
  /** Flags of `resume` that raise the bound so far. */
  readonly flags: string;
  /** How high the bound must be. */
  readonly least: string;
}

/** Undefined for runs that may still spend. Pure. */
export function adviseRaise({ spend }: RunState): RaiseAdvice | undefined {
  const { exhausted, policy } = spend;
  if (exhausted === undefined) return undefined;
  const { scope, scopeId, unit, needed } = exhausted;
  const isUsd = unit === 'usd';
  const amount = isUsd ? upToCents(needed) : String(Math.ceil(needed));
  const least = isUsd ? `${amount} USD` : `${formatCount(Math.ceil(needed))} tokens`;
  if (scope === 'run') return { flags: `${isUsd ? '--budget-usd' : '--budget-tokens'} ${amount}`, least };
  const raised = raiseProvider(policy, scopeId ?? '', { [unit]: Number(amount) });
  return { flags: `--budget-limits '${JSON.stringify(raised)}'`, least: `${least} for ${scopeId ?? ''}` };
}

/** Rounded up: what is said to do, does. The tolerance keeps 5.10 from becoming 5.11. */
function upToCents(usd: number): string {
  return (Math.ceil(usd * 100 - 1e-6) / 100).toFixed(2);
}

function raiseProvider(policy: BudgetPolicy, name: string, raised: Readonly<Record<string, number>>): object {
  const { providers = {}, ...limits } = budgetSettingsOf(policy).budgetLimits ?? {};
  return { ...limits, providers: { ...providers, [name]: { ...providers[name], ...raised } } };
}
