import { canonicalJson, findJsonDifferences, type JsonDifference } from './canonical-json.ts';
import type { CassetteExchange, Json } from './exchange.ts';
import { stableRequestBody } from './stable-request.ts';

/**
 * `strict`: bodies are equal but for the order of keys, and each exchange answers once, in order.
 * `lenient`: sampling, limits, form of the answer, identity and the names of tool-call ids do not count, and the
 * last of equal exchanges answers again and again.
 */
export type MatchMode = 'strict' | 'lenient';

/** A request to look for. */
interface SoughtRequest {
  readonly method: string;
  readonly path: string;
  /** As a cassette keeps it. */
  readonly body: Json;
}

/** An exchange with its place in the cassette, counted from 1. */
export interface NumberedExchange {
  readonly number: number;
  readonly exchange: CassetteExchange;
}

export type Selection =
  | ({ readonly found: true } & NumberedExchange)
  | {
      readonly found: false;
      /** How many recordings of this very request were there, all of them used. */
      readonly used: number;
      readonly nearest: (NumberedExchange & { readonly first: JsonDifference }) | undefined;
    };

/** Finds recorded exchanges and remembers which were used. */
export interface ExchangeSelector {
  select(request: SoughtRequest): Selection;
}

/** Same exchanges and same order of equal requests, same selections; other requests between do not matter. */
export function createExchangeSelector(
  exchanges: readonly CassetteExchange[],
  mode: MatchMode,
): ExchangeSelector {
  const numbered = exchanges.map((exchange, index) => ({ number: index + 1, exchange }));
  const byKey = Map.groupBy(numbered, ({ exchange }) => keyOf(exchange.request, mode));
  const uses = new Map<string, number>();
  return {
    select(request) {
      const key = keyOf(request, mode);
      const candidates = byKey.get(key) ?? [];
      const used = uses.get(key) ?? 0;
      uses.set(key, used + 1);
      const next = candidates[used] ?? (mode === 'lenient' ? candidates.at(-1) : undefined);
      if (next !== undefined) return { found: true, ...next };
      return { found: false, used: candidates.length, nearest: nearestTo(request, numbered, mode) };
    },
  };
}

function keyOf({ method, path, body }: SoughtRequest, mode: MatchMode): string {
  return `${method} ${path} ${canonicalJson(comparable(body, mode))}`;
}

function comparable(body: Json, mode: MatchMode): Json {
  return mode === 'strict' ? body : stableRequestBody(body);
}

/** The exchange whose request differs in the fewest places, the first of several. */
function nearestTo(
  request: SoughtRequest,
  numbered: readonly NumberedExchange[],
  mode: MatchMode,
): (NumberedExchange & { first: JsonDifference }) | undefined {
  const sought = comparable(request.body, mode);
  return numbered
    .filter(({ exchange }) => exchange.request.path === request.path)
    .flatMap((entry) => {
      const differences = findJsonDifferences(comparable(entry.exchange.request.body, mode), sought);
      const [first] = differences;
      return first === undefined ? [] : [{ ...entry, first, count: differences.length }];
    })
    .toSorted((a, b) => a.count - b.count)
    .map(({ number, exchange, first }) => ({ number, exchange, first }))[0];
}
