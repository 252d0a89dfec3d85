import { formatList, formatQuantity } from '../view/format.ts';
import { formatSpentOf, formatUsd } from '../view/money.ts';
import type { RunSummary } from './summarize.ts';

/** What the calls cost, as far as their prices are known; undefined while none is. */
export function costText({ metrics: { model } }: RunSummary): string | undefined {
  if (model.costUsd === undefined) return undefined;
  const models = Object.entries(model.byModel).flatMap(([name, { costUsd }]) =>
    costUsd === undefined ? [] : [`${name} ${formatUsd(costUsd)}`],
  );
  const byModel = models.length < 2 ? '' : `: ${models.join('; ')}`;
  const unpriced =
    model.unpricedCalls === 0
      ? ''
      : `, without ${formatQuantity(model.unpricedCalls, 'call')} of unknown price`;
  return `${formatUsd(model.costUsd)}${unpriced}${byModel}`;
}

/** What was spent by the budget's book, of what, in all and at each provider. */
export function budgetLines({ metrics: { budget } }: RunSummary): string[] {
  if (budget === undefined) return [];
  const { spent, policy, byProvider, openReservations } = budget;
  const open =
    openReservations === 0
      ? ''
      : ` (${formatQuantity(openReservations, 'call')} not settled, counted in full)`;
  const providers = Object.entries(byProvider).map(
    ([name, sum]) => `${name}: ${formatSpentOf(sum, policy.providers?.[name])}`,
  );
  return [
    `${formatSpentOf(spent, policy.run)}${open}`,
    ...(providers.length < 2 && !policy.providers ? [] : providers),
  ];
}

const REASONS: Readonly<Record<string, string>> = {
  overflow: 'overflow',
  failover: 'after a failure elsewhere',
  fallback_model: 'fallback model',
  last_resort: 'every endpoint was out',
};
const DETAILS: Readonly<Record<string, string>> = {
  saturated: 'the cheaper ones were busy',
  outage: 'the cheaper ones were out',
  credit: 'the credit of the cheaper ones was spent',
};

/** Why calls went elsewhere than to the endpoint to prefer, with their number. */
export function reroutedText({ metrics: { model } }: RunSummary): string | undefined {
  if (model.rerouted.length === 0) return undefined;
  const parts = model.rerouted.map(({ endpoint, reason, detail, calls }) => {
    const why = [REASONS[reason] ?? reason, ...(detail === undefined ? [] : [DETAILS[detail] ?? detail])];
    return `${formatQuantity(calls, 'call')} to ${endpoint} (${why.join(', ')})`;
  });
  return formatList(parts, 6);
}
