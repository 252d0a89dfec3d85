import type { LlmEndpoint } from '../endpoint/endpoint.ts';

/**
 * Whether an endpoint can take a call now. `saturated` and `cooling` (it asked for a pause) pass by themselves;
 * `out` and `no_credit` endpoints are used only when there is no other.
 */
export type Availability =
  | { readonly kind: 'free' }
  | { readonly kind: 'saturated'; readonly untilMs?: number }
  | { readonly kind: 'cooling'; readonly untilMs: number }
  /** `isFull`: all its slots are taken, besides. */
  | { readonly kind: 'out' | 'no_credit'; readonly isFull?: boolean };

/** An endpoint that could take a call, and how good it would be. */
export interface Candidate {
  readonly endpoint: LlmEndpoint;
  readonly model: string;
  /** Place of the model in the caller's order of preference. */
  readonly preference: number;
  readonly availability: Availability;
  /** Expected cost of sending one more call there, lower is better. */
  readonly score: number;
  /** The conversation's last call went there. */
  readonly sticky: boolean;
  /** It already failed this very call. */
  readonly tried: boolean;
}

/** Why a call went where it went; `only`: there was nothing to choose. */
export type RouteReason =
  | { readonly kind: 'only' }
  | { readonly kind: 'preferred' | 'affinity' | 'failover' | 'last_resort' }
  | { readonly kind: 'overflow'; readonly because: OverflowCause }
  | { readonly kind: 'fallback_model'; readonly because: OverflowCause };

export type OverflowCause = 'saturated' | 'outage' | 'credit';

export type Selection =
  | { readonly kind: 'use'; readonly candidate: Candidate; readonly reason: RouteReason }
  | Wait
  /** No endpoint is left to try. */
  | { readonly kind: 'none' };

/** Nothing is free. */
export interface Wait {
  readonly kind: 'wait';
  /** When time alone will change that. */
  readonly untilMs?: number;
  /** A slot that is given back may change it at any moment. */
  readonly needsSlot: boolean;
  /** Names of the endpoints of which one is waited for. */
  readonly endpoints: readonly string[];
}

/** A conversation leaves the endpoint that has its prefix cached when another is so many times better. */
const AFFINITY_SLACK = 2;

/**
 * Chooses where a call goes: the most preferred model that is not out; its lowest tier with a free endpoint; there
 * the conversation's last endpoint, else the lowest score. An endpoint that failed this call is not chosen again.
 */
export function selectRoute(all: readonly Candidate[]): Selection {
  const untried = all.filter(({ tried }) => !tried);
  const usable = untried.filter(isUsable);
  if (usable.length === 0) return selectLastResort(untried, all.length);
  const preference = Math.min(...usable.map((candidate) => candidate.preference));
  const ofModel = usable.filter((candidate) => candidate.preference === preference);
  const free = ofModel.filter(({ availability }) => availability.kind === 'free');
  if (free.length === 0) return waitFor(ofModel);
  const tier = Math.min(...free.map(tierOf));
  const candidate = selectInTier(free.filter((one) => tierOf(one) === tier));
  return { kind: 'use', candidate, reason: explain(candidate, all) };
}

function selectInTier(free: readonly Candidate[]): Candidate {
  const best = free.reduce((a, b) => (b.score < a.score ? b : a));
  return free.find(({ sticky, score }) => sticky && score <= best.score * AFFINITY_SLACK) ?? best;
}

function explain(chosen: Candidate, all: readonly Candidate[]): RouteReason {
  if (all.length === 1) return { kind: 'only' };
  if (all.some(({ tried }) => tried)) return { kind: 'failover' };
  const better = all.filter((one) => one.preference < chosen.preference);
  if (better.length > 0) return { kind: 'fallback_model', because: causeOf(better) };
  const cheaper = all.filter((one) => one.preference === chosen.preference && tierOf(one) < tierOf(chosen));
  if (cheaper.length > 0) return { kind: 'overflow', because: causeOf(cheaper) };
  return { kind: chosen.sticky ? 'affinity' : 'preferred' };
}

function causeOf(passedOver: readonly Candidate[]): OverflowCause {
  const kinds = new Set(passedOver.map(({ availability }) => availability.kind));
  if (kinds.has('saturated') || kinds.has('cooling')) return 'saturated';
  return kinds.has('no_credit') ? 'credit' : 'outage';
}

function waitFor(candidates: readonly Candidate[]): Wait {
  const times = candidates.flatMap(({ availability }) =>
    'untilMs' in availability ? (availability.untilMs ?? []) : [],
  );
  return {
    kind: 'wait',
    ...(times.length === 0 ? {} : { untilMs: Math.min(...times) }),
    needsSlot: times.length < candidates.length,
    endpoints: candidates.map(({ endpoint }) => endpoint.name),
  };
}

/** Better an endpoint that was out a moment ago than no answer at all. */
function selectLastResort(untried: readonly Candidate[], choices: number): Selection {
  if (untried.length === 0) return { kind: 'none' };
  const [first, ...others] = untried.filter(({ availability }) => !('isFull' in availability));
  if (first === undefined) return waitFor(untried);
  const rank = (one: Candidate) => one.preference * 1e6 + tierOf(one);
  const candidate = others.reduce((a, b) => (rank(b) < rank(a) ? b : a), first);
  return { kind: 'use', candidate, reason: { kind: choices === 1 ? 'only' : 'last_resort' } };
}

function isUsable({ availability }: Candidate): boolean {
  return availability.kind !== 'out' && availability.kind !== 'no_credit';
}

function tierOf({ endpoint }: Candidate): number {
  return endpoint.tier ?? 0;
}
