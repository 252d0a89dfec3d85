import { silentLogger, systemClock, type Clock, type Logger } from '@agentswarm/core';
import { apiBaseUrl, servesModel, servesRole, type LlmEndpoint } from '../endpoint/endpoint.ts';
import { LlmError } from '../errors.ts';
import { addCapacities, estimateCapacity } from './capacity.ts';
import { createAffinity } from './affinity.ts';
import {
  availabilityOf,
  beginCall,
  endCall,
  isTrialOf,
  newEndpointState,
  scoreOf,
  type EndpointState,
} from './endpoint-state.ts';
import type { EndpointStatus, Route, RouteOutcome, Router, RouteRequest } from './router.ts';
import { isTried } from './router.ts';
import { selectRoute, type Availability, type Candidate, type Selection } from './select-route.ts';
import { createWaitingLine } from './waiting-line.ts';

export interface RouterOptions {
  /** At least one; names are unique. */
  readonly endpoints: readonly LlmEndpoint[];
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/**
 * Makes a router over endpoints.
 *
 * @throws {LlmError} ENDPOINT_INVALID when there is no endpoint, two share a name, or a base URL is not usable.
 * @example
 * const router = createRouter({ endpoints: [{ name: 'runpod', … }, { name: 'modal', …, tier: 1 }] });
 * const llm = createLlmClient({ router, … });
 * const gateway = await createGateway({ router, … });
 */
export function createRouter(options: RouterOptions): Router {
  const { endpoints, clock = systemClock, logger = silentLogger } = options;
  assertEndpoints(endpoints);
  const states = new Map(endpoints.map((one) => [one.name, newEndpointState(one, clock.nowMs())]));
  const affinity = createAffinity();
  const line = createWaitingLine(clock);

  const open = (selected: Extract<Selection, { kind: 'use' }>, request: RouteRequest): Route => {
    const { endpoint, model } = selected.candidate;
    const { name } = endpoint;
    const tokens = request.estimatedTokens;
    const change = (next: (state: EndpointState) => EndpointState) => {
      const state = states.get(name);
      if (state !== undefined) states.set(name, next(state));
      return states.get(name);
    };
    const isTrial = isTrialOf(states.get(name), clock.nowMs());
    const begun = change((state) => beginCall(state, tokens, clock.nowMs()));
    const concurrency = begun?.inFlight ?? 1;
    affinity.remember(request.conversation, name);
    let finished = false;
    const finish = (outcome: RouteOutcome) => {
      if (finished) return;
      finished = true;
      const before = states.get(name)?.circuit.kind;
      const after = change((state) =>
        endCall(state, { outcome, tokens, concurrency, isTrial }, clock.nowMs()),
      );
      if (before === 'closed' && after?.circuit.kind === 'open')
        logger.warn({ endpoint: name }, 'endpoint is out');
      line.advance();
    };
    return { endpoint, model, reason: selected.reason, finish };
  };

  return {
    endpoints,
    async acquire(request) {
      assertServed(endpoints, request);
      return await line.wait<Route | undefined>((claimed) => {
        const sticky = affinity.find(request.conversation);
        const selection = selectRoute(
          candidatesFor([...states.values()], request, { sticky, claimed, nowMs: clock.nowMs() }),
        );
        if (selection.kind === 'wait') return selection;
        return { kind: 'done', value: selection.kind === 'use' ? open(selection, request) : undefined };
      }, request);
    },
    status: () => [...states.values()].map((state) => describe(state, clock.nowMs())),
    capacity: () => addCapacities([...states.values()].map((state) => estimateCapacity(state.capacity))),
  };
}

function candidatesFor(
  states: readonly EndpointState[],
  request: RouteRequest,
  look: {
    readonly sticky: string | undefined;
    /** Endpoints that a call which came earlier waits for. */
    readonly claimed: ReadonlySet<string>;
    readonly nowMs: number;
  },
): Candidate[] {
  const known = states.flatMap(({ msPerWork }) => msPerWork ?? []);
  // An endpoint nobody asked yet is taken to be as fast as the fastest.
  const usualMsPerWork = known.length === 0 ? 1 : Math.min(...known);
  return states.flatMap((state) =>
    modelsFor(state.endpoint, request).map(({ model, preference }) => ({
      endpoint: state.endpoint,
      model,
      preference,
      availability: availabilityFor(state, request, look),
      score: scoreOf(state, usualMsPerWork),
      sticky: state.endpoint.name === look.sticky,
      tried: isTried(request, state.endpoint, model),
    })),
  );
}

function availabilityFor(
  state: EndpointState,
  { estimatedTokens }: RouteRequest,
  { claimed, nowMs }: { readonly claimed: ReadonlySet<string>; readonly nowMs: number },
): Availability {
  const availability = availabilityOf(state, estimatedTokens, nowMs);
  const isClaimed = availability.kind === 'free' && claimed.has(state.endpoint.name);
  return isClaimed ? { kind: 'saturated' } : availability;
}

/** The models of a request an endpoint serves, with their places in the order of preference. */
function modelsFor(endpoint: LlmEndpoint, request: RouteRequest): { model: string; preference: number }[] {
  if (!servesRole(endpoint, request.role)) return [];
  if (request.models.length === 0) return [{ model: endpoint.model, preference: 0 }];
  return request.models.flatMap((model, preference) =>
    servesModel(endpoint, model) ? [{ model, preference }] : [],
  );
}

function assertServed(endpoints: readonly LlmEndpoint[], request: RouteRequest): void {
  if (endpoints.some((endpoint) => modelsFor(endpoint, request).length > 0)) return;
  const names = endpoints.map(({ name }) => name);
  const wanted = request.models.length === 0 ? '' : ` and model ${request.models.join(' or ')}`;
  throw new LlmError(
    'NO_ENDPOINT_FOR_MODEL',
    `no endpoint serves role ${request.role}${wanted}; there are: ${names.join(', ')}`,
    { details: { role: request.role, models: [...request.models], endpoints: names } },
  );
}

function assertEndpoints(endpoints: readonly LlmEndpoint[]): void {
  if (endpoints.length === 0) throw new LlmError('ENDPOINT_INVALID', 'no endpoint is given');
  const seen = new Set<string>();
  for (const endpoint of endpoints) {
    apiBaseUrl(endpoint);
    if (seen.has(endpoint.name)) {
      throw new LlmError('ENDPOINT_INVALID', `two endpoints are named ${endpoint.name}`, {
        details: { endpoint: endpoint.name },
      });
    }
    seen.add(endpoint.name);
  }
}

function describe(state: EndpointState, nowMs: number): EndpointStatus {
  const { endpoint, inFlight, calls, failures, meanDurationMs } = state;
  const { kind } = availabilityOf(state, Infinity, nowMs);
  const isUp = kind === 'free' || kind === 'saturated';
  const tier = endpoint.tier ?? 0;
  return { name: endpoint.name, tier, state: isUp ? 'up' : kind, inFlight, calls, failures, meanDurationMs };
}
