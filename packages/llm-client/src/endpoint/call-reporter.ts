import type { AttemptId, Clock, ModelCalledEvent, ModelRole, TaskId } from '@agentswarm/core';
import type { LlmError } from '../errors.ts';
import type { Route } from '../routing/router.ts';
import { callEvent } from './call-event.ts';
import type { TokenUsage } from './token-usage.ts';

/** How a request to an endpoint ended. */
interface CallEnd {
  /** Undefined: the answer is complete. `aborted`: nobody wants the rest. */
  readonly failure?: LlmError | 'aborted';
  readonly usage: TokenUsage;
  readonly httpStatus: number | undefined;
  /** As the server named it; undefined when it did not. */
  readonly model: string | undefined;
}

export interface CallReporter {
  /** Settles, tells the router and reports the call; later ends of the same call are ignored. */
  end(how: CallEnd): Promise<void>;
}

export function createCallReporter(call: {
  readonly route: Route;
  readonly role: ModelRole;
  readonly attribution: { readonly taskId?: TaskId; readonly attemptId?: AttemptId };
  /** Gives what the request cost in dollars; undefined where nobody knows. */
  readonly settle: (usage: TokenUsage) => Promise<number | undefined>;
  readonly clock: Clock;
  readonly onCall: (event: ModelCalledEvent) => void;
}): CallReporter {
  const { route, role, attribution, clock, onCall } = call;
  const startedAtMs = clock.nowMs();
  let ended = false;
  return {
    async end({ failure, usage, httpStatus, model }) {
      if (ended) return;
      ended = true;
      const durationMs = clock.nowMs() - startedAtMs;
      const usedTokens = usage.promptTokens + usage.completionTokens;
      if (failure === undefined) route.finish({ kind: 'ok', durationMs, ...usage });
      else if (failure === 'aborted') route.finish({ kind: 'aborted', usedTokens });
      else route.finish({ kind: 'failed', error: failure, usedTokens });
      const ok = failure === undefined;
      let costUsd: number | undefined;
      try {
        costUsd = await call.settle(usage);
      } finally {
        // What could not be recorded was spent all the same.
        onCall(callEvent({ role, attribution, route, ok, model, httpStatus, usage, costUsd, durationMs }));
      }
    },
  };
}
