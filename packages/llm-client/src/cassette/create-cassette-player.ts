import { createRedactor, type Secret } from '@agentswarm/core';
import type { ModelPlayer, PlayedAnswer, PlayerRequest } from '../player/model-player.ts';
import { playedError, playedModels } from '../player/played-json.ts';
import { createExchangeSelector, type MatchMode, type Selection } from './exchange-selector.ts';
import type { CassetteExchange, Json } from './exchange.ts';
import { playExchange, type AskedForm, type ReplayTiming } from './play-exchange.ts';
import type { Cassette } from './read-cassette.ts';
import { redactRequestBody } from './redact-exchange.ts';

const EXCERPT_CHARS = 60;

/** How a replayed chat request was answered. */
export type ReplayedRequest =
  | {
      readonly outcome: 'replayed';
      /** Place in the cassette, counted from 1. */
      readonly exchange: number;
    }
  | { readonly outcome: 'missed'; readonly problem: string }
  | { readonly outcome: 'forwarded' };

export interface CassettePlayerOptions {
  readonly mode: MatchMode;
  /** Default `recorded`. */
  readonly timing?: ReplayTiming;
  /** Those given to the recorder, so that requests which hold them are found again. */
  readonly secrets?: Iterable<Secret>;
  /** Hears how each chat request is answered, before the answer is sent. Contract: does not throw. */
  readonly onRequest?: (request: ReplayedRequest) => void;
  /** Answers what is not recorded; default: an error 404, code `not_recorded`. */
  readonly onMiss?: (request: PlayerRequest, signal: AbortSignal) => Promise<PlayedAnswer>;
}

/**
 * A player of recorded exchanges. A request that is not recorded is refused with the nearest one and the first
 * place in which they differ. A recorded model list is played as often as it is asked for; without one the list
 * holds the models of the exchanges.
 */
export function createCassettePlayer(cassette: Cassette, options: CassettePlayerOptions): ModelPlayer {
  const { mode, timing = 'recorded', onMiss } = options;
  const redact = createRedactor(options.secrets ?? []);
  const selector = createExchangeSelector(cassette.exchanges, mode);
  const modelLists = createExchangeSelector(cassette.exchanges, 'lenient');
  return {
    async answer(request, signal) {
      const { method, path } = request;
      const body = redactRequestBody(request.body, redact);
      const forChat = path === '/chat/completions';
      const selection = (forChat ? selector : modelLists).select({ method, path, body });
      if (selection.found) {
        if (forChat) options.onRequest?.({ outcome: 'replayed', exchange: selection.number });
        const form = mode === 'lenient' && forChat ? { form: formOf(body) } : {};
        return playExchange(selection.exchange, { timing, ...form });
      }
      if (onMiss !== undefined) {
        if (forChat) options.onRequest?.({ outcome: 'forwarded' });
        return await onMiss(request, signal);
      }
      if (!forChat)
        return playedModels(modelsOf(cassette.exchanges), { createdSeconds: 0, ownedBy: 'recorded' });
      const problem = describeMiss(selection);
      options.onRequest?.({ outcome: 'missed', problem });
      return playedError({
        status: 404,
        type: 'invalid_request_error',
        code: 'not_recorded',
        message: `this request is not recorded: ${problem}`,
      });
    },
  };
}

function formOf(body: Json): AskedForm {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return { stream: false, includeUsage: false };
  }
  const { stream, stream_options } = body as {
    readonly stream?: unknown;
    readonly stream_options?: { readonly include_usage?: unknown } | null;
  };
  return { stream: stream === true, includeUsage: stream_options?.include_usage === true };
}

function modelsOf(exchanges: readonly CassetteExchange[]): readonly string[] {
  return [...new Set(exchanges.map(({ model }) => model))].filter((model) => model !== '');
}

function describeMiss({ used, nearest }: Extract<Selection, { found: false }>): string {
  if (used > 0) return `its ${used} recording(s) have been used`;
  if (nearest === undefined) return 'the cassette has no exchange of its kind';
  const { place, a, b } = nearest.first;
  const [recorded, asked] = excerpts(textOf(a), textOf(b));
  return `the nearest is exchange ${nearest.number}, whose ${place} is ${recorded} instead of ${asked}`;
}

function textOf(value: Json | undefined): string {
  return value === undefined ? 'absent' : JSON.stringify(value);
}

/** Both texts from a little before the character in which they begin to differ. */
function excerpts(a: string, b: string): readonly [string, string] {
  let same = 0;
  while (same < a.length && a[same] === b[same]) same += 1;
  const start = Math.max(0, same - EXCERPT_CHARS / 2);
  const cut = (text: string) =>
    (start > 0 ? '…' : '') +
    text.slice(start, start + EXCERPT_CHARS).toWellFormed() +
    (text.length > start + EXCERPT_CHARS ? '…' : '');
  return [cut(a), cut(b)];
}
