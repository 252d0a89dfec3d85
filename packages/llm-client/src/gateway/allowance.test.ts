import { describe, expect, it } from 'vitest';
import { createAllowance } from './allowance.ts';

describe('createAllowance', () => {
  it('refuses what does not fit, and counts what was used above what was taken', () => {
    const allowance = createAllowance({ tokens: 10 });
    allowance.reserve({ nanoUsd: 0, tokens: 6 })?.settle({ nanoUsd: 0, tokens: 8 });
    expect(allowance.reserve({ nanoUsd: 0, tokens: 3 })).toBeUndefined();
    expect(allowance.reserve({ nanoUsd: 0, tokens: 2 })).toBeDefined();
  });

  it('lets what is free pass also where more was spent than allowed', () => {
    const allowance = createAllowance({ usd: 1 });
    allowance.reserve({ nanoUsd: 1, tokens: 1 })?.settle({ nanoUsd: 2e9, tokens: 1 });
    expect(allowance.reserve({ nanoUsd: 1, tokens: 1 })).toBeUndefined();
    expect(allowance.reserve({ nanoUsd: 0, tokens: 1 })).toBeDefined();
  });
});
