import type { Clock, ModelCalledEvent } from '@agentswarm/core';
import type { LlmEndpoint } from '../endpoint/endpoint.ts';
import type { TokenUsage } from '../endpoint/token-usage.ts';
import type { ActiveGrant } from './grants.ts';

export interface CallReporter {
  /** Reports the call; later reports of the same call are ignored. */
  report(end: {
    readonly ok: boolean;
    readonly usage: TokenUsage;
    readonly httpStatus?: number;
    /** As the server named it. */
    readonly model?: string;
  }): void;
}

export function createCallReporter(call: {
  readonly endpoint: LlmEndpoint;
  readonly grant: ActiveGrant;
  readonly clock: Clock;
  readonly onCall: (event: ModelCalledEvent) => void;
}): CallReporter {
  const { endpoint, grant, clock, onCall } = call;
  const startedAtMs = clock.nowMs();
  let reported = false;
  return {
    report({ ok, usage, httpStatus, model }) {
      if (reported) return;
      reported = true;
      onCall({
        type: 'model_called',
        role: grant.role,
        ...grant.attribution,
        endpoint: endpoint.name,
        model: model ?? grant.model,
        ok,
        ...(httpStatus === undefined ? {} : { httpStatus }),
        ...usage,
        durationMs: clock.nowMs() - startedAtMs,
      });
    },
  };
}
