import type { ModelRole } from '@agentswarm/core';
import type { LlmEndpoint } from '../endpoint/endpoint.ts';
import type { LlmError } from '../errors.ts';
import type { CapacityEstimate } from './capacity.ts';
import type { RouteReason } from './select-route.ts';

/** A call that needs an endpoint. */
export interface RouteRequest {
  readonly role: ModelRole;
  /** Models in order of preference; empty: each endpoint's own. */
  readonly models: readonly string[];
  /** Calls of one conversation go to one endpoint, where their common beginning is cached. */
  readonly conversation?: string;
  /** Prompt and answer, for the limit of tokens per minute. */
  readonly estimatedTokens: number;
  /** What failed this very call: see {@link triedName}. */
  readonly tried?: ReadonlySet<string>;
  /** Longest wait for a free endpoint; default without limit. */
  readonly maxWaitMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * How a call went. `aborted`: by the caller, which says nothing about the endpoint. `usedTokens`: of prompt and answer,
 * as far as the endpoint worked on them; default none.
 */
export type RouteOutcome =
  | {
      readonly kind: 'ok';
      readonly durationMs: number;
      readonly promptTokens: number;
      readonly completionTokens: number;
    }
  | { readonly kind: 'failed'; readonly error: LlmError; readonly usedTokens?: number }
  | { readonly kind: 'aborted'; readonly usedTokens?: number };

/** Leave to send one call to one endpoint. Its slot stays taken until {@link Route.finish}. */
export interface Route {
  readonly endpoint: LlmEndpoint;
  readonly model: string;
  readonly reason: RouteReason;
  /** Gives the slot back and lets the router learn. A second call changes nothing. */
  finish(outcome: RouteOutcome): void;
}

/** An endpoint as the router sees it. */
export interface EndpointStatus {
  readonly name: string;
  readonly tier: number;
  readonly state: 'up' | 'cooling' | 'out' | 'no_credit';
  readonly inFlight: number;
  readonly calls: number;
  readonly failures: number;
  /** Moving average of a call's duration; undefined before the first answer. */
  readonly meanDurationMs: number | undefined;
}

/** What a failure rules out for a call: the endpoint, or only its model when that ran out of memory there. */
export function triedName({ endpoint, model }: Pick<Route, 'endpoint' | 'model'>, error: LlmError): string {
  return error.code === 'MODEL_CRASHED' ? modelName(endpoint, model) : endpoint.name;
}

/** Whether a failure of this call rules a model at an endpoint out. */
export function isTried({ tried }: RouteRequest, endpoint: LlmEndpoint, model: string): boolean {
  return tried !== undefined && (tried.has(endpoint.name) || tried.has(modelName(endpoint, model)));
}

function modelName(endpoint: LlmEndpoint, model: string): string {
  return `${endpoint.name}\0${model}`;
}

/** Chooses an endpoint for every call and learns from how the calls go. Make one for all that share endpoints. */
export interface Router {
  readonly endpoints: readonly LlmEndpoint[];
  /**
   * Waits, first come first served, until an endpoint is free.
   *
   * @throws {LlmError} NO_ENDPOINT_FOR_MODEL when none serves role and model; RATE_LIMITED when none is free
   * within `maxWaitMs`; the signal's reason. Resolves to undefined when all that serve it were tried.
   */
  acquire(request: RouteRequest): Promise<Route | undefined>;
  status(): readonly EndpointStatus[];
  /** What the endpoints together can take, from the calls so far. */
  capacity(): CapacityEstimate;
}
