import { expect, it } from 'vitest';
import { formatPrice } from './model-facts.ts';

it.each([
  [undefined, 'price unknown'],
  [{}, 'free'],
  [{ cachedInputUsdPerMillion: 0.11 }, 'cached 0.11 USD per million tokens'],
  [
    { inputUsdPerMillion: 0.6, outputUsdPerMillion: 2.2, usdPerServerHour: 3 },
    'in 0.60 USD, out 2.20 USD per million tokens, 3.00 USD per server hour',
  ],
])('tells the price %j', (price, text) => {
  expect(formatPrice(price)).toBe(text);
});
