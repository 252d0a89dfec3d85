import { expect, it } from 'vitest';
import { amountOf, maxAmountOf, timeAmountOf } from './call-cost.ts';

const PRICE = { inputUsdPerMillion: 0.6, cachedInputUsdPerMillion: 0.11, outputUsdPerMillion: 2.2 };
const used = (promptTokens: number, completionTokens: number, cachedPromptTokens?: number) => ({
  promptTokens,
  completionTokens,
  estimated: false,
  ...(cachedPromptTokens !== undefined && { cachedPromptTokens }),
});

it('charges cached prompt tokens at their own price', () => {
  expect(amountOf(PRICE, used(1_000, 100))).toEqual({ nanoUsd: 820_000, tokens: 1_100 });
  expect(amountOf(PRICE, used(1_000, 100, 400))).toEqual({ nanoUsd: 624_000, tokens: 1_100 });
  expect(amountOf(PRICE, used(1_000, 0, 5_000))).toEqual({ nanoUsd: 110_000, tokens: 1_000 });
  const { cachedInputUsdPerMillion, ...withoutCachePrice } = PRICE;
  expect(amountOf(withoutCachePrice, used(1_000, 100, 400)).nanoUsd).toBe(820_000);
  expect(cachedInputUsdPerMillion).toBe(0.11);
});

it('counts tokens also where nothing is charged', () => {
  expect(amountOf(undefined, used(7, 3))).toEqual({ nanoUsd: 0, tokens: 10 });
  expect(amountOf({}, used(7, 3))).toEqual({ nanoUsd: 0, tokens: 10 });
});

it('reserves the dearer prompt price, so that no settlement within the tokens is larger', () => {
  const dearCache = { inputUsdPerMillion: 1, cachedInputUsdPerMillion: 1.25, outputUsdPerMillion: 4 };
  const most = maxAmountOf({ price: dearCache, promptTokens: 100, maxCompletionTokens: 10 });
  expect(most).toEqual({ nanoUsd: 165_000, tokens: 110 });
  expect(amountOf(dearCache, used(100, 10, 100)).nanoUsd).toBe(most.nanoUsd);
});

it('rounds a sum up once, not each token', () => {
  expect(amountOf({ inputUsdPerMillion: 0.000_4 }, used(1, 0)).nanoUsd).toBe(1);
  expect(amountOf({ inputUsdPerMillion: 0.000_4 }, used(1_000, 0)).nanoUsd).toBe(400);
});

it('stays exact where products leave the safe integers', () => {
  const { nanoUsd } = amountOf({ inputUsdPerMillion: 123.456_789 }, used(999_999_999, 0));
  expect(nanoUsd).toBe(Math.ceil((999_999_999 * 123_456_789) / 1_000));
});

it('charges time by the second, never less than nothing', () => {
  expect(timeAmountOf(0.002, 1_500)).toEqual({ nanoUsd: 3_000_000, tokens: 0 });
  expect(timeAmountOf(0.002, -5)).toEqual({ nanoUsd: 0, tokens: 0 });
});

it.each([NaN, Infinity, -1])('takes no sum that no bound could hold (%d)', (value) => {
  const invalid = expect.objectContaining({ code: 'SCHEMA_INVALID' });
  expect(() => amountOf({ inputUsdPerMillion: value }, used(1, 1))).toThrow(invalid);
  expect(() => amountOf({}, used(value, 1))).toThrow(invalid);
  expect(() => maxAmountOf({ price: {}, promptTokens: 1, maxCompletionTokens: value })).toThrow(invalid);
  expect(() => timeAmountOf(value, 1)).toThrow(invalid);
});
