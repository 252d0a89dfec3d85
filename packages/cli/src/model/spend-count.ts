import type { ModelCalledEvent } from '@agentswarm/core';
import { formatCount, formatQuantity } from '../view/format.ts';
import { formatUsd } from '../view/money.ts';

/** What the calls of one command used. */
export interface SpendCount {
  readonly calls: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Some server did not say; the figures are estimates in part. */
  readonly estimated: boolean;
  /** Of the calls whose price is known; undefined while none is. */
  readonly costUsd: number | undefined;
}

/** Adds up calls as they end. */
export interface SpendCounter {
  add(event: ModelCalledEvent): void;
  count(): SpendCount;
}

export function createSpendCounter(): SpendCounter {
  let sum: SpendCount = {
    calls: 0,
    promptTokens: 0,
    completionTokens: 0,
    estimated: false,
    costUsd: undefined,
  };
  return {
    add(event) {
      sum = {
        calls: sum.calls + 1,
        promptTokens: sum.promptTokens + event.promptTokens,
        completionTokens: sum.completionTokens + event.completionTokens,
        estimated: sum.estimated || event.estimated,
        costUsd: event.costUsd === undefined ? sum.costUsd : (sum.costUsd ?? 0) + event.costUsd,
      };
    },
    count: () => sum,
  };
}

/** `2 calls, 1.2k + 340 tokens, 0.02 USD`. */
export function formatSpendCount(spent: SpendCount): string {
  const { calls, promptTokens, completionTokens, estimated, costUsd } = spent;
  const tokens = `${formatCount(promptTokens)} + ${formatCount(completionTokens)} tokens`;
  return [
    formatQuantity(calls, 'call'),
    `${tokens}${estimated ? ' (estimated)' : ''}`,
    ...(costUsd === undefined ? [] : [formatUsd(costUsd)]),
  ].join(', ');
}
