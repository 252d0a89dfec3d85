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
/** An endpoint that asks for a longer pause is asked again after this time: calls that wait would never hear of it. */
const MAX_COOLING_MS = 300_000;

/** What a router knows of one endpoint. */
export interface EndpointState {
  readonly endpoint: LlmEndpoint;
  readonly circuit: Circuit;
  readonly coolingUntilMs: number;
  readonly noCreditUntilMs: number;
  /** Only calls that may use so many tokens or more have no credit. */
  readonly noCreditFromTokens: number;
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
    noCreditFromTokens: 0,
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
  const isFull = state.inFlight >= (state.endpoint.limits?.concurrency ?? Infinity);
  const doubt = doubtOf(state, tokens, nowMs);
  if (doubt !== undefined) return { kind: doubt, ...(isFull ? { isFull } : {}) };
  if (nowMs < state.coolingUntilMs) return { kind: 'cooling', untilMs: state.coolingUntilMs };
  if (isFull) return { kind: 'saturated' };
  const untilMs = state.bucket === undefined ? nowMs : availableAtMs(state.bucket, tokens, nowMs);
  return untilMs > nowMs ? { kind: 'saturated', untilMs } : { kind: 'free' };
}

/** Why a call would most likely fail there. */
function doubtOf(state: EndpointState, tokens: number, nowMs: number): 'no_credit' | 'out' | undefined {
  if (nowMs < state.noCreditUntilMs && tokens >= state.noCreditFromTokens) return 'no_credit';
  return state.circuit.kind === 'closed' || isDue(state.circuit, nowMs) ? undefined : 'out';
}

/** Whether the next call finds out whether the endpoint works again. */
export function isTrialOf(state: EndpointState | undefined, nowMs: number): boolean {
  return state !== undefined && isDue(state.circuit, nowMs);
}

/** A call is sent: its slot and its tokens are taken. */
export function beginCall(state: EndpointState, tokens: number, nowMs: number): EndpointState {
  return {
    ...state,
    circuit: isDue(state.circuit, nowMs) ? beginTrial(state.circuit) : state.circuit,
    inFlight: state.inFlight + 1,
    bucket: state.bucket && take(state.bucket, chargeOf(state.bucket, tokens), nowMs),
  };
}

export interface EndedCall {
  readonly outcome: RouteOutcome;
  readonly tokens: number;
  /** Calls under way when it was sent, itself included. */
  readonly concurrency: number;
  /** It was to find out whether the endpoint works again. */
  readonly isTrial: boolean;
}

export function endCall(state: EndpointState, ended: EndedCall, nowMs: number): EndpointState {
  const { outcome } = ended;
  const freed = { ...state, inFlight: state.inFlight - 1 };
  switch (outcome.kind) {
    case 'ok':
      return afterAnswer(freed, { ...ended, outcome }, nowMs);
    case 'failed':
      return afterError(
        { ...corrected(freed, ended, nowMs), calls: state.calls + 1, failures: state.failures + 1 },
        { ...ended, error: outcome.error },
        nowMs,
      );
    case 'aborted':
      return withoutTrial(corrected(freed, ended, nowMs), ended, nowMs);
  }
}

/** What the limit is charged before the tokens are known: no estimate may block an endpoint for longer than a minute. */
function chargeOf(bucket: TokenBucket, tokens: number): number {
  return Math.min(tokens, bucket.perMinute);
}

/** Charges what was used in place of the estimate. */
function corrected(state: EndpointState, { outcome, tokens }: EndedCall, nowMs: number): EndpointState {
  const { bucket } = state;
  if (bucket === undefined) return state;
  const used =
    outcome.kind === 'ok' ? outcome.promptTokens + outcome.completionTokens : (outcome.usedTokens ?? 0);
  return { ...state, bucket: take(bucket, used - chargeOf(bucket, tokens), nowMs) };
}

function withoutTrial(state: EndpointState, { isTrial }: EndedCall, nowMs: number): EndpointState {
  return isTrial ? { ...state, circuit: cancelTrial(state.circuit, nowMs) } : state;
}

function afterAnswer(
  state: EndpointState,
  ended: EndedCall & { readonly outcome: Extract<RouteOutcome, { kind: 'ok' }> },
  nowMs: number,
): EndpointState {
  const { durationMs, promptTokens, completionTokens } = ended.outcome;
  const work = 1 + completionTokens + promptTokens / PREFILL_SPEEDUP;
  return {
    ...corrected(state, ended, nowMs),
    circuit: CLOSED,
    // A smaller call that went through says nothing about larger ones.
    ...(ended.tokens >= state.noCreditFromTokens ? { noCreditUntilMs: 0 } : {}),
    calls: state.calls + 1,
    meanDurationMs: average(state.meanDurationMs, durationMs),
    msPerWork: average(state.msPerWork, durationMs / work),
    capacity: observeCall(state.capacity, { concurrency: ended.concurrency, durationMs, completionTokens }),
  };
}

function afterError(
  state: EndpointState,
  ended: EndedCall & { readonly error: LlmError },
  nowMs: number,
): EndpointState {
  const { error } = ended;
  if (error.code === 'BUDGET_EXHAUSTED') {
    const asked = withoutTrial(state, ended, nowMs);
    return fitsLater(error) ? asked : withoutCredit(asked, ended.tokens, nowMs);
  }
  if (isCreditSpent(error)) return withoutCredit({ ...state, circuit: CLOSED }, 0, nowMs);
  if (error.code === 'RATE_LIMITED') {
    const asked = error.details['retryAfterMs'];
    const coolingMs = typeof asked === 'number' ? Math.min(asked, MAX_COOLING_MS) : DEFAULT_COOLING_MS;
    return { ...state, circuit: CLOSED, coolingUntilMs: Math.max(state.coolingUntilMs, nowMs + coolingMs) };
  }
  // A server that refuses a request is alive.
  if (!error.traits.retryable) return { ...state, circuit: CLOSED };
  // A call that is older than the trial says nothing new.
  if (state.circuit.kind === 'trial' && !ended.isTrial) return state;
  return { ...state, circuit: afterFailure(state.circuit, nowMs) };
}

/** Our own budget has room again when the calls under way turn out cheaper than reserved. */
function fitsLater({ details }: LlmError): boolean {
  const { spent, wanted, limit } = details;
  return Number(spent) + Number(wanted) <= Number(limit);
}

function withoutCredit(state: EndpointState, fromTokens: number, nowMs: number): EndpointState {
  const known = nowMs < state.noCreditUntilMs ? state.noCreditFromTokens : Infinity;
  return {
    ...state,
    noCreditUntilMs: nowMs + NO_CREDIT_MS,
    noCreditFromTokens: Math.min(known, fromTokens),
  };
}

/** Expected time of one more call, in milliseconds per unit of work and of weight. */
export function scoreOf(state: EndpointState, usualMsPerWork: number): number {
  return ((state.msPerWork ?? usualMsPerWork) * (state.inFlight + 1)) / (state.endpoint.weight ?? 1);
}

function average(old: number | undefined, value: number): number {
  return old === undefined ? value : old + ALPHA * (value - old);
}
