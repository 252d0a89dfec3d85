import type { ModelEntry, Price } from '@agentswarm/llm-client';
import { formatUsd } from './money.ts';

/** `in 0.60 USD, cached 0.11 USD, out 2.20 USD per million tokens`, `free`, or that nobody stated one. */
export function formatPrice(price: Price | undefined): string {
  if (price === undefined) return 'price unknown';
  const perMillion = [
    ...(price.inputUsdPerMillion === undefined ? [] : [`in ${formatUsd(price.inputUsdPerMillion)}`]),
    ...(price.cachedInputUsdPerMillion === undefined
      ? []
      : [`cached ${formatUsd(price.cachedInputUsdPerMillion)}`]),
    ...(price.outputUsdPerMillion === undefined ? [] : [`out ${formatUsd(price.outputUsdPerMillion)}`]),
  ];
  const parts = [
    ...(perMillion.length === 0 ? [] : [`${perMillion.join(', ')} per million tokens`]),
    ...(price.usdPerServerHour === undefined ? [] : [`${formatUsd(price.usdPerServerHour)} per server hour`]),
    ...(price.usdPerSandboxSecond === undefined
      ? []
      : [`${formatUsd(price.usdPerSandboxSecond)} per sandbox second`]),
  ];
  return parts.length === 0 ? 'free' : parts.join(', ');
}

/** `202752 tokens, tools native, thinking switchable`; that the model is unknown without an entry. */
export function formatAbilities(entry: Partial<ModelEntry> | undefined): string {
  if (entry === undefined) return 'not in the catalogue';
  const { contextWindow, toolCalls, thinking } = entry;
  return [
    ...(contextWindow === undefined ? [] : [`${contextWindow} tokens`]),
    ...(toolCalls === undefined ? [] : [`tools ${toolCalls}`]),
    ...(thinking === undefined ? [] : [`thinking ${thinking.mode}`]),
  ].join(', ');
}
