import { budgetSettingsOf, type BudgetPolicy, type RunState, type Spend } from '@agentswarm/core';
import { formatCount } from '../view/format.ts';

/** What it would take to go on with a run that has no money left. */
export interface RaiseAdvice {
  /** Flags of `resume` that raise the bound so far. */
  readonly flags: string;
  /** How high the bound must be. */
  readonly least: string;
}

type SpendState = RunState['spend'];
type Exhausted = NonNullable<SpendState['exhausted']>;

const NOTHING: Spend = { nanoUsd: 0, tokens: 0 };

/** Undefined for runs that may still spend. Pure. */
export function adviseRaise({ spend }: RunState): RaiseAdvice | undefined {
  const { exhausted, policy } = spend;
  if (exhausted === undefined) return undefined;
  const { scope, scopeId, unit } = exhausted;
  const isUsd = unit === 'usd';
  const needed = neededNow(spend, exhausted);
  const amount = isUsd ? upToCents(needed) : String(Math.ceil(needed));
  const least = isUsd ? `${amount} USD` : `${formatCount(Math.ceil(needed))} tokens`;
  if (scope === 'run') return { flags: `${isUsd ? '--budget-usd' : '--budget-tokens'} ${amount}`, least };
  const raised = raiseProvider(policy, scopeId ?? '', { [unit]: Number(amount) });
  return { flags: `--budget-limits '${JSON.stringify(raised)}'`, least: `${least} for ${scopeId ?? ''}` };
}

/** What was refused comes on top of what is spent by now: servers and other calls went on after the refusal. */
function neededNow(spend: SpendState, { scope, scopeId, unit, ...sums }: Exhausted): number {
  const { byProvider, total } = spend;
  const used = scope === 'run' ? total : (byProvider[scopeId ?? ''] ?? NOTHING);
  const wanted = sums.needed - sums.spent - sums.reserved;
  return Math.max(sums.needed, (unit === 'usd' ? used.nanoUsd / 1e9 : used.tokens) + wanted);
}

/** Rounded up from whole billionths: what is said to do, does. */
function upToCents(usd: number): string {
  return (Math.ceil(Math.round(usd * 1e9) / 1e7) / 100).toFixed(2);
}

function raiseProvider(policy: BudgetPolicy, name: string, raised: Readonly<Record<string, number>>): object {
  const { providers = {}, ...limits } = budgetSettingsOf(policy).budgetLimits ?? {};
  return { ...limits, providers: { ...providers, [name]: { ...providers[name], ...raised } } };
}
