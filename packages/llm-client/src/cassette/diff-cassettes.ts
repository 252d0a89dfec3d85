import type { ToolCall } from '../messages/chat-message.ts';
import { canonicalJson } from './canonical-json.ts';
import type { NumberedExchange } from './exchange-selector.ts';
import { endOfBodyMs, textOfBody, type CassetteExchange, type Json } from './exchange.ts';
import { parseJson, type Cassette } from './read-cassette.ts';
import { readAnswer } from './read-answer.ts';

/** A tool call without its id, which changes from run to run. */
export type ComparedCall = Pick<ToolCall, 'name' | 'arguments'>;

/** One thing in which two answers to the same request differ. */
export type AnswerDifference =
  /** Null: no answer came. */
  | { readonly kind: 'status'; readonly a: number | null; readonly b: number | null }
  | { readonly kind: 'end'; readonly a: CassetteExchange['end']; readonly b: CassetteExchange['end'] }
  /** Of an answer that is no chat completion: the whole body. */
  | { readonly kind: 'text'; readonly a: string; readonly b: string }
  | { readonly kind: 'tool_calls'; readonly a: readonly ComparedCall[]; readonly b: readonly ComparedCall[] }
  | { readonly kind: 'finish_reason'; readonly a: string | null; readonly b: string | null }
  /** As the servers reported it. */
  | { readonly kind: 'usage'; readonly a: unknown; readonly b: unknown };

export interface ChangedAnswer {
  readonly a: NumberedExchange;
  readonly b: NumberedExchange;
  readonly differences: readonly AnswerDifference[];
}

/** Medians over the answered exchanges that both cassettes have; undefined without any. */
export interface TimingSummary {
  readonly headMs: number;
  readonly totalMs: number;
}

export interface CassetteDiff {
  readonly onlyInA: readonly NumberedExchange[];
  readonly onlyInB: readonly NumberedExchange[];
  readonly changed: readonly ChangedAnswer[];
  /** How many exchanges have equal requests and equal answers. */
  readonly same: number;
  readonly timing: { readonly a: TimingSummary | undefined; readonly b: TimingSummary | undefined };
}

/**
 * Compares the answers of two cassettes. Exchanges belong together when their requests are equal but for the order
 * of keys; of several equal ones the first to the first, and so on. The form of an answer does not count.
 */
export function diffCassettes(a: Cassette, b: Cassette): CassetteDiff {
  const groupsA = groupByRequest(a);
  const groupsB = groupByRequest(b);
  const keys = [...new Set([...groupsA.keys(), ...groupsB.keys()])];
  const groups = keys.map((key) => ({ a: groupsA.get(key) ?? [], b: groupsB.get(key) ?? [] }));
  const pairs = groups.flatMap((group) =>
    group.a.flatMap((left, index) => {
      const right = group.b[index];
      return right === undefined ? [] : [{ a: left, b: right }];
    }),
  );
  const compared = pairs.map((pair) => ({
    ...pair,
    differences: compareExchanges(pair.a.exchange, pair.b.exchange),
  }));
  const changed = compared.filter(({ differences }) => differences.length > 0);
  return {
    onlyInA: inOrder(groups.flatMap((group) => group.a.slice(group.b.length))),
    onlyInB: inOrder(groups.flatMap((group) => group.b.slice(group.a.length))),
    changed: changed.toSorted((left, right) => left.a.number - right.a.number),
    same: compared.length - changed.length,
    timing: {
      a: summarizeTiming(pairs.map((pair) => pair.a)),
      b: summarizeTiming(pairs.map((pair) => pair.b)),
    },
  };
}

function groupByRequest(cassette: Cassette): ReadonlyMap<string, readonly NumberedExchange[]> {
  const numbered = cassette.exchanges.map((exchange, index) => ({ number: index + 1, exchange }));
  return Map.groupBy(numbered, ({ exchange: { request } }) => canonicalJson(request));
}

function inOrder(exchanges: readonly NumberedExchange[]): readonly NumberedExchange[] {
  return exchanges.toSorted((left, right) => left.number - right.number);
}

function compareExchanges(a: CassetteExchange, b: CassetteExchange): readonly AnswerDifference[] {
  const left = comparableAnswer(a);
  const right = comparableAnswer(b);
  const all: readonly AnswerDifference[] = [
    { kind: 'status', a: left.status, b: right.status },
    { kind: 'end', a: a.end, b: b.end },
    { kind: 'text', a: left.text, b: right.text },
    { kind: 'tool_calls', a: left.toolCalls, b: right.toolCalls },
    { kind: 'finish_reason', a: left.finishReason, b: right.finishReason },
    { kind: 'usage', a: left.usage, b: right.usage },
  ];
  return all.filter((difference) => canonicalOf(difference.a) !== canonicalOf(difference.b));
}

function comparableAnswer({ response }: CassetteExchange) {
  const answer = response === null ? undefined : readAnswer(response);
  return {
    status: response?.status ?? null,
    text: answer === undefined ? (response === null ? '' : textOfBody(response.body)) : (answer.text ?? ''),
    toolCalls: (answer?.toolCalls ?? []).map(({ name, arguments: json }) => ({
      name,
      arguments: canonicalArguments(json),
    })),
    finishReason: answer?.finishReason ?? null,
    usage: answer?.usage,
  };
}

function canonicalArguments(text: string): string {
  const json = parseJson(text);
  return json === undefined ? text : canonicalJson(json.value as Json);
}

function canonicalOf(value: unknown): string {
  return canonicalJson((value ?? null) as Json);
}

function summarizeTiming(exchanges: readonly NumberedExchange[]): TimingSummary | undefined {
  const responses = exchanges.flatMap(({ exchange }) => exchange.response ?? []);
  const headMs = median(responses.map((response) => response.headAtMs));
  const totalMs = median(responses.map(endOfBodyMs));
  return headMs === undefined || totalMs === undefined ? undefined : { headMs, totalMs };
}

/** The lower of the two in the middle. */
function median(values: readonly number[]): number | undefined {
  return values.toSorted((left, right) => left - right)[Math.ceil(values.length / 2) - 1];
}
