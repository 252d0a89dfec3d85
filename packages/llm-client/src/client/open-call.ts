import { createCallReporter } from '../endpoint/call-reporter.ts';
import { mayGoElsewhere } from '../endpoint/retry-policy.ts';
import { NO_USAGE, readUsage, type TokenUsage } from '../endpoint/token-usage.ts';
import type { LlmError } from '../errors.ts';
import type { Reservation } from '../money/budget.ts';
import type { Route } from '../routing/router.ts';
import type { Connection } from './connection.ts';
import type { PreparedRequest } from './prepared-request.ts';
import { promptChars } from './prompt-chars.ts';

/** One HTTP request with its slot at an endpoint and its reserved money. End it exactly once. */
export interface OpenCall {
  readonly route: Route;
  /** The answer is complete. */
  succeed(answer: { readonly usage: TokenUsage; readonly model: string }): Promise<void>;
  /** It failed: resolves when another request may be made, rejects when none should be. */
  fail(failure: CallFailure): Promise<void>;
  /** The caller does not want the rest. */
  abandon(usage: TokenUsage): Promise<void>;
}

interface CallFailure {
  readonly error: LlmError;
  /** Default: what a server that failed so must have read. */
  readonly usage?: TokenUsage;
  /** `never`: parts of the answer are with the caller. `same_endpoint`: it is asked again in another form. */
  readonly again: 'elsewhere' | 'same_endpoint' | 'never';
}

export function openCall(
  connection: Connection,
  request: PreparedRequest,
  opened: {
    readonly route: Route;
    readonly reservation: Reservation | undefined;
    /** Hears of a failure after which another endpoint may be asked. */
    readonly onPass: (error: LlmError) => void;
  },
): OpenCall {
  const { route, reservation } = opened;
  const { role, attribution } = request;
  const reporter = createCallReporter({
    ...{ route, role, attribution, clock: connection.clock, onCall: connection.onCall },
    async settle(usage) {
      const spend = await reservation?.settle(usage);
      return connection.priceOf(route) === undefined ? undefined : spend?.usd;
    },
  });
  // The caller may leave while money is reserved; then nothing is sent.
  const isSent = request.signal?.aborted !== true;
  return {
    route,
    succeed: ({ usage, model }) => reporter.end({ usage, model, httpStatus: 200 }),
    async fail({ error, usage = isSent ? usageOfFailure(error, request) : NO_USAGE, again }) {
      const { status } = error.details;
      await reporter.end({
        failure: request.signal?.aborted === true ? 'aborted' : error,
        usage,
        httpStatus: typeof status === 'number' ? status : undefined,
        model: undefined,
      });
      request.signal?.throwIfAborted();
      if (again === 'same_endpoint') return;
      if (again === 'never' || !mayGoElsewhere(error)) throw error;
      opened.onPass(error);
    },
    abandon: (usage) => reporter.end({ failure: 'aborted', usage, httpStatus: 200, model: undefined }),
  };
}

/** A server that refused or was not reached consumed nothing; one that broke off had read the prompt. */
function usageOfFailure(error: LlmError, request: PreparedRequest): TokenUsage {
  const { status } = error.details;
  const refused = typeof status === 'number' && status >= 400;
  if (refused || error.code === 'ENDPOINT_UNREACHABLE') return NO_USAGE;
  return readUsage(undefined, { prompt: promptChars(request), completion: 0 });
}
