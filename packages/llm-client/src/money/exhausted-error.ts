import { LlmError } from '../errors.ts';
import type { BudgetScope } from './budget-scope.ts';
import type { Refusal } from './find-refusal.ts';
import { formatUsd, usdOf } from './nano-usd.ts';

/** Details of a BUDGET_EXHAUSTED error; sums are dollars or tokens, as `unit` says. */
export interface BudgetRefusal {
  readonly scope: BudgetScope['kind'];
  /** Which task, attempt or provider; absent for the run and a call. */
  readonly scopeId?: string;
  readonly unit: 'usd' | 'tokens';
  readonly limit: number;
  /** Settled, or of a process that ended before it could settle. */
  readonly spent: number;
  /** Held by calls that are under way: part of it may come back when they settle. */
  readonly reserved: number;
  readonly wanted: number;
  /** The smallest limit that would admit the call now. */
  readonly needed: number;
}

export function exhaustedError(refusal: Refusal): LlmError {
  const { scope, unit, limit, spent, reserved, wanted } = refusal;
  const needed = spent + reserved + wanted;
  const give = (sum: number) => (unit === 'usd' ? usdOf(sum) : sum);
  const details: BudgetRefusal = {
    scope: scope.kind,
    ...('id' in scope && { scopeId: scope.id }),
    unit,
    limit: give(limit),
    spent: give(spent),
    reserved: give(reserved),
    wanted: give(wanted),
    needed: give(needed),
  };
  const sums = [spent + reserved, limit, wanted, needed];
  const [used, allowed, more, enough] = unit === 'usd' ? formatUsd(sums) : sums.map(String);
  const unitName = unit === 'usd' ? 'USD' : 'tokens';
  const text =
    scope.kind === 'call'
      ? `the call is larger than the budget of one call: it needs up to ${more} ${unitName}, ${allowed} ${unitName} are allowed`
      : `budget of ${nameOf(scope)} is used up: ${used} of ${allowed} ${unitName} spent or reserved, ` +
        `the call needs up to ${more} ${unitName} more (${enough} ${unitName} would do)`;
  return new LlmError('BUDGET_EXHAUSTED', text, { details: { ...details } });
}

function nameOf(scope: BudgetScope): string {
  return 'id' in scope ? `${scope.kind} ${scope.id}` : `the ${scope.kind}`;
}
