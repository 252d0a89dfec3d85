import type { ModelCalledEvent } from '../events/model-events.ts';
import type { ModelUsage, RoutedCalls, RunState, UsageFigures } from './run-state.ts';
import { addUsd } from './usd.ts';

const NO_USAGE: UsageFigures = { calls: 0, promptTokens: 0, completionTokens: 0, unpricedCalls: 0 };

export function foldModelCall(state: RunState, event: ModelCalledEvent): RunState {
  const { usage } = state;
  return {
    ...state,
    usage: {
      ...usage,
      ...addCall(usage, event),
      failedCalls: usage.failedCalls + (event.ok ? 0 : 1),
      estimatedCalls: usage.estimatedCalls + (event.estimated ? 1 : 0),
      byRole: addTo(usage.byRole, event.role, event),
      byModel: addTo(usage.byModel, event.model, event),
      byEndpoint: addTo(usage.byEndpoint, event.endpoint, event),
      rerouted: addRoute(usage.rerouted, event),
    },
  };
}

function addTo(figures: ModelUsage['byRole'], name: string, event: ModelCalledEvent): ModelUsage['byRole'] {
  const before = Object.hasOwn(figures, name) ? figures[name] : undefined;
  return { ...figures, [name]: addCall(before ?? NO_USAGE, event) };
}

function addCall(figures: UsageFigures, event: ModelCalledEvent): UsageFigures {
  const { promptTokens, completionTokens, costUsd } = event;
  const sumUsd = costUsd === undefined ? figures.costUsd : addUsd(figures.costUsd ?? 0, costUsd);
  // A call that used nothing cost nothing, whatever the price.
  const isUnpriced = costUsd === undefined && promptTokens + completionTokens > 0;
  return {
    calls: figures.calls + 1,
    promptTokens: figures.promptTokens + promptTokens,
    completionTokens: figures.completionTokens + completionTokens,
    ...(sumUsd === undefined ? {} : { costUsd: sumUsd }),
    unpricedCalls: figures.unpricedCalls + (isUnpriced ? 1 : 0),
  };
}

function addRoute(rerouted: readonly RoutedCalls[], event: ModelCalledEvent): readonly RoutedCalls[] {
  const { route, endpoint } = event;
  if (route === undefined || route.reason === 'preferred' || route.reason === 'affinity') return rerouted;
  const { reason, detail } = route;
  const isSame = (one: RoutedCalls) =>
    one.endpoint === endpoint && one.reason === reason && one.detail === detail;
  if (rerouted.some(isSame))
    return rerouted.map((one) => (isSame(one) ? { ...one, calls: one.calls + 1 } : one));
  return [...rerouted, { endpoint, reason, ...(detail === undefined ? {} : { detail }), calls: 1 }];
}
