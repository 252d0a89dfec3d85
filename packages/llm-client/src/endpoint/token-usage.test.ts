import { expect, it } from 'vitest';
import { addUsage, readUsage } from './token-usage.ts';

const chars = { prompt: 40, completion: 8 };

it('reads how many prompt tokens were cached, never more than there are', () => {
  const reported = { prompt_tokens: 100, completion_tokens: 5 };
  const usage = { promptTokens: 100, completionTokens: 5, estimated: false };
  const withCached = (cached_tokens: unknown) =>
    readUsage({ ...reported, prompt_tokens_details: { cached_tokens } }, chars);
  expect(withCached(64)).toEqual({ ...usage, cachedPromptTokens: 64 });
  expect(withCached(900)).toEqual({ ...usage, cachedPromptTokens: 100 });
  expect(withCached('many')).toEqual(usage);
  expect(readUsage({ ...reported, prompt_tokens_details: null }, chars)).toEqual(usage);
});

it('adds cached tokens where either side has some', () => {
  const plain = { promptTokens: 1, completionTokens: 1, estimated: false };
  expect(addUsage(plain, plain)).toEqual({ promptTokens: 2, completionTokens: 2, estimated: false });
  expect(addUsage(plain, { ...plain, cachedPromptTokens: 1 })).toMatchObject({ cachedPromptTokens: 1 });
});
