import { InputError, type Price } from '@agentswarm/core';
import type { TokenUsage } from '../endpoint/token-usage.ts';
import type { Amount } from './nano-usd.ts';

/** A dollar per million tokens is a million of these per token. */
const PICO_PER_TOKEN = 1e6;
const PICO_PER_NANO = 1_000n;

/** The most a call can use: every prompt token at the dearer of its two prices. */
export function maxAmountOf(call: {
  readonly price: Price | undefined;
  readonly promptTokens: number;
  readonly maxCompletionTokens: number;
}): Amount {
  const price = call.price ?? {};
  const { inputUsdPerMillion = 0, cachedInputUsdPerMillion = 0, outputUsdPerMillion = 0 } = price;
  const nanoUsd = sumOf([
    [call.promptTokens, Math.max(inputUsdPerMillion, cachedInputUsdPerMillion)],
    [call.maxCompletionTokens, outputUsdPerMillion],
  ]);
  return { nanoUsd, tokens: call.promptTokens + call.maxCompletionTokens };
}

/** What a call used; zero dollars where nobody stated a price. */
export function amountOf(price: Price | undefined, usage: TokenUsage): Amount {
  const { inputUsdPerMillion = 0, outputUsdPerMillion = 0 } = price ?? {};
  const { cachedInputUsdPerMillion = inputUsdPerMillion } = price ?? {};
  const cached = Math.min(usage.cachedPromptTokens ?? 0, usage.promptTokens);
  const nanoUsd = sumOf([
    [usage.promptTokens - cached, inputUsdPerMillion],
    [cached, cachedInputUsdPerMillion],
    [usage.completionTokens, outputUsdPerMillion],
  ]);
  return { nanoUsd, tokens: usage.promptTokens + usage.completionTokens };
}

/** What so much time costs. */
export function timeAmountOf(usdPerSecond: number, elapsedMs: number): Amount {
  if (!isAmount(usdPerSecond)) throw notAnAmount('a price per second', usdPerSecond);
  if (!Number.isFinite(elapsedMs)) throw notAnAmount('a time', elapsedMs);
  // A clock that was set back has not given any money back.
  const nanoUsd = Math.ceil(usdPerSecond * Math.max(0, elapsedMs) * 1e6);
  return { nanoUsd: Math.min(nanoUsd, Number.MAX_SAFE_INTEGER), tokens: 0 };
}

/** Rounded up to whole billionths once, at the end. Big integers: a million tokens at a price leave the safe range. */
function sumOf(parts: readonly (readonly [tokens: number, usdPerMillion: number])[]): number {
  let pico = 0n;
  for (const [tokens, usdPerMillion] of parts) {
    if (!Number.isSafeInteger(tokens) || tokens < 0) throw notAnAmount('a number of tokens', tokens);
    if (!isAmount(usdPerMillion)) throw notAnAmount('a price', usdPerMillion);
    pico += BigInt(tokens) * BigInt(Math.round(usdPerMillion * PICO_PER_TOKEN));
  }
  const nano = (pico + PICO_PER_NANO - 1n) / PICO_PER_NANO;
  return Math.min(Number(nano), Number.MAX_SAFE_INTEGER);
}

function isAmount(value: number): boolean {
  return Number.isFinite(value) && value >= 0;
}

function notAnAmount(what: string, value: number): InputError {
  return new InputError('SCHEMA_INVALID', `${what} must be finite and not negative, not ${value}`);
}
