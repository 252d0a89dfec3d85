import type { LlmEndpoint } from '../endpoint/endpoint.ts';
import { isCreditSpent } from '../endpoint/retry-policy.ts';
import type { LlmError } from '../errors.ts';
import { NO_CAPACITY, observeCall, type CapacityModel } from './capacity.ts';
import { afterFailure, beginTrial, cancelTrial, CLOSED, isDue, type Circuit } from './circuit.ts';
import type { RouteOutcome } from './router.ts';
import type { Availability } from './select-route.ts';
import { availableAtMs, fullBucket, take, type TokenBucket } from './token-bucket.ts';

const ALPHA = 0.3;
/** Prompts are read about so many times faster than answers are written. */
const PREFILL_SPEEDUP = 20;
/** A provider whose credit is spent is asked again after this time. */
const NO_CREDIT_MS = 600_000;
const DEFAULT_COOLING_MS = 1_000;

/** What a router knows of one endpoint. */
export interface EndpointState {
  readonly endpoint: LlmEndpoint;
  readonly circuit: Circuit;
  readonly coolingUntilMs: number;
  readonly noCreditUntilMs: number;
  readonly inFlight: number;
  readonly bucket: TokenBucket | undefined;
  /** Moving averages; undefined before the first answer. */
  readonly meanDurationMs: number | undefined;
  readonly msPerWork: number | undefined;
  readonly capacity: CapacityModel;
  readonly calls: number;
  readonly failures: number;
}

export function newEndpointState(endpoint: LlmEndpoint, nowMs: number): EndpointState {
  const { tokensPerMinute } = endpoint.limits ?? {};
  return {
    endpoint,
    circuit: CLOSED,
    coolingUntilMs: 0,
    noCreditUntilMs: 0,
    inFlight: 0,
    bucket: tokensPerMinute === undefined ? undefined : fullBucket(tokensPerMinute, nowMs),
    meanDurationMs: undefined,
    msPerWork: undefined,
    capacity: NO_CAPACITY,
    calls: 0,
    failures: 0,
  };
}

export function availabilityOf(state: EndpointState, tokens: number, nowMs: number): Availability {
  if (nowMs < state.noCreditUntilMs) return { kind: 'no_credit' };
  if (state.circuit.kind !== 'closed' && !isDue(state.circuit, nowMs)) return { kind: 'out' };
  if (nowMs < state.coolingUntilMs) return { kind: 'cooling', untilMs: state.coolingUntilMs };
  if (state.inFlight >= (state.endpoint.limits?.concurrency ?? Infinity)) return { kind: 'saturated' };
  const untilMs = state.bucket === undefined ? nowMs : availableAtMs(state.bucket, tokens, nowMs);
  return untilMs > nowMs ? { kind: 'saturated', untilMs } : { kind: 'free' };
}

/** A call is sent: its slot and its tokens are taken. */
export function beginCall(state: EndpointState, tokens: number, nowMs: number): EndpointState {
  return {
    ...state,
    circuit: isDue(state.circuit, nowMs) ? beginTrial(state.circuit) : state.circuit,
    inFlight: state.inFlight + 1,
    bucket: state.bucket && take(state.bucket, tokens, nowMs),
  };
}

export interface EndedCall {
  readonly outcome: RouteOutcome;
  readonly tokens: number;
  /** Calls under way when it was sent, itself included. */
  readonly concurrency: number;
}

export function endCall(state: EndpointState, ended: EndedCall, nowMs: number): EndpointState {
  const { outcome } = ended;
  const freed = { ...state, inFlight: state.inFlight - 1 };
  switch (outcome.kind) {
    case 'ok':
      return afterAnswer(freed, { ...ended, outcome }, nowMs);
    case 'failed':
      return afterError(
        { ...freed, calls: state.calls + 1, failures: state.failures + 1 },
        outcome.error,
        nowMs,
      );
    case 'aborted':
      return { ...freed, circuit: cancelTrial(state.circuit, nowMs) };
  }
}

function afterAnswer(
  state: EndpointState,
  ended: EndedCall & { readonly outcome: Extract<RouteOutcome, { kind: 'ok' }> },
  nowMs: number,
): EndpointState {
  const { durationMs, promptTokens, completionTokens } = ended.outcome;
  const work = 1 + completionTokens + promptTokens / PREFILL_SPEEDUP;
  return {
    ...state,
    circuit: CLOSED,
    noCreditUntilMs: 0,
    calls: state.calls + 1,
    bucket: state.bucket && take(state.bucket, promptTokens + completionTokens - ended.tokens, nowMs),
    meanDurationMs: average(state.meanDurationMs, durationMs),
    msPerWork: average(state.msPerWork, durationMs / work),
    capacity: observeCall(state.capacity, { concurrency: ended.concurrency, durationMs, completionTokens }),
  };
}

function afterError(state: EndpointState, error: LlmError, nowMs: number): EndpointState {
  if (isCreditSpent(error)) return { ...state, noCreditUntilMs: nowMs + NO_CREDIT_MS };
  if (error.code === 'RATE_LIMITED') {
    const asked = error.details['retryAfterMs'];
    const coolingMs = typeof asked === 'number' ? asked : DEFAULT_COOLING_MS;
    return { ...state, circuit: CLOSED, coolingUntilMs: Math.max(state.coolingUntilMs, nowMs + coolingMs) };
  }
  // A server that refuses a request is alive.
  if (!error.traits.retryable) return { ...state, circuit: CLOSED };
  return { ...state, circuit: afterFailure(state.circuit, nowMs) };
}

/** Expected time of one more call, in milliseconds per unit of work and of weight. */
export function scoreOf(state: EndpointState, usualMsPerWork: number): number {
  return ((state.msPerWork ?? usualMsPerWork) * (state.inFlight + 1)) / (state.endpoint.weight ?? 1);
}

function average(old: number | undefined, value: number): number {
  return old === undefined ? value : old + ALPHA * (value - old);
}
