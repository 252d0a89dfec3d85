import type { AttemptId, ModelCalledEvent, ModelRole, TaskId } from '@agentswarm/core';
import type { Route } from '../routing/router.ts';
import type { TokenUsage } from './token-usage.ts';

/** The event of one HTTP request to an endpoint. */
export function callEvent(call: {
  readonly role: ModelRole;
  readonly attribution: { readonly taskId?: TaskId; readonly attemptId?: AttemptId };
  readonly route: Route;
  readonly ok: boolean;
  /** As the server named it; undefined when it did not. */
  readonly model: string | undefined;
  readonly httpStatus: number | undefined;
  readonly usage: TokenUsage;
  /** Undefined when nobody knows. */
  readonly costUsd: number | undefined;
  readonly durationMs: number;
}): ModelCalledEvent {
  const { route, usage, httpStatus, costUsd } = call;
  const { kind, ...why } = route.reason;
  return {
    type: 'model_called',
    role: call.role,
    ...call.attribution,
    endpoint: route.endpoint.name,
    model: call.model ?? route.model,
    ok: call.ok,
    ...(httpStatus === undefined ? {} : { httpStatus }),
    promptTokens: usage.promptTokens,
    completionTokens: usage.completionTokens,
    estimated: usage.estimated,
    durationMs: call.durationMs,
    ...(costUsd === undefined ? {} : { costUsd }),
    ...(kind === 'only'
      ? {}
      : { route: { reason: kind, ...('because' in why ? { detail: why.because } : {}) } }),
  };
}
