import type { Clock, ModelCalledEvent, ModelRole } from '@agentswarm/core';
import type OpenAI from 'openai';
import { classifyFailure } from '../../endpoint/classify-failure.ts';
import type { LlmEndpoint } from '../../endpoint/endpoint.ts';
import { NO_USAGE, readUsage, type TokenUsage } from '../../endpoint/token-usage.ts';
import type { LlmError } from '../../errors.ts';

/** What every request of a probe needs. */
export interface Prober {
  readonly endpoint: LlmEndpoint;
  readonly sdk: OpenAI;
  readonly clock: Clock;
  /** Name of the bound on the answer. */
  readonly maxTokensParameter: 'max_tokens' | 'max_completion_tokens';
  readonly role: ModelRole;
  readonly onCall: (event: ModelCalledEvent) => void;
  readonly signal: AbortSignal | undefined;
}

/** An answer, or the refusal of a server that does not know what it was asked for. */
export type ProbeOutcome<T> =
  | { readonly kind: 'answered'; readonly answer: T; readonly usage: TokenUsage }
  | { readonly kind: 'refused'; readonly error: LlmError };

interface ProbeRequest<T> {
  readonly promptChars: number;
  /** Sends the request and reads the answer to its end. */
  send(): Promise<{ readonly answer: T; readonly reportedUsage: unknown; readonly completionChars: number }>;
}

/**
 * Makes one call and reports it.
 *
 * @throws {LlmError} whatever is no refusal: without connection, key or model there is nothing to find out.
 */
export async function tryCall<T>(prober: Prober, request: ProbeRequest<T>): Promise<ProbeOutcome<T>> {
  const { clock, signal } = prober;
  signal?.throwIfAborted();
  const startedAtMs = clock.nowMs();
  const outcome = await attempt(prober, request);
  const durationMs = clock.nowMs() - startedAtMs;
  const usage =
    outcome.kind === 'answered' ? outcome.usage : usageOfFailure(outcome.error, request.promptChars);
  report(prober, outcome, { durationMs, usage });
  signal?.throwIfAborted();
  // Some servers answer 500 to a feature that was not switched on.
  if (outcome.kind === 'refused' && !/^(REQUEST_REJECTED|SERVER_ERROR)$/.test(outcome.error.code)) {
    throw outcome.error;
  }
  return outcome;
}

async function attempt<T>(prober: Prober, request: ProbeRequest<T>): Promise<ProbeOutcome<T>> {
  const { endpoint, clock } = prober;
  try {
    const { answer, reportedUsage, completionChars } = await request.send();
    const usage = readUsage(reportedUsage, { prompt: request.promptChars, completion: completionChars });
    return { kind: 'answered', answer, usage };
  } catch (thrown) {
    const error = classifyFailure(thrown, { endpoint, model: endpoint.model, nowMs: clock.nowMs() });
    return { kind: 'refused', error };
  }
}

/** A server that refused or was not reached consumed nothing; one that broke off had read the prompt. */
function usageOfFailure(error: LlmError, promptChars: number): TokenUsage {
  const consumedNothing = error.code === 'ENDPOINT_UNREACHABLE' || Number(error.details['status']) >= 400;
  return consumedNothing ? NO_USAGE : readUsage(undefined, { prompt: promptChars, completion: 0 });
}

function report(
  { endpoint, role, onCall }: Prober,
  outcome: ProbeOutcome<unknown>,
  cost: { readonly durationMs: number; readonly usage: TokenUsage },
): void {
  const httpStatus = outcome.kind === 'answered' ? 200 : outcome.error.details['status'];
  onCall({
    type: 'model_called',
    role,
    endpoint: endpoint.name,
    model: endpoint.model,
    ok: outcome.kind === 'answered',
    ...(typeof httpStatus === 'number' ? { httpStatus } : {}),
    ...cost.usage,
    durationMs: cost.durationMs,
  });
}
