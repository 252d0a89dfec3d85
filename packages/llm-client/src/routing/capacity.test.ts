import { describe, expect, it } from 'vitest';
import { addCapacities, estimateCapacity, NO_CAPACITY, observeCall, type CapacityModel } from './capacity.ts';

/** Calls on a server that takes `serviceMs` each and works on `slots` at a time: more than that only queue. */
function loadedAt(
  model: CapacityModel,
  concurrency: number,
  { slots = 8, serviceMs = 1_000 } = {},
): CapacityModel {
  const durationMs = serviceMs * Math.max(1, concurrency / slots);
  return Array.from({ length: 10 }).reduce<CapacityModel>(
    (current) => observeCall(current, { concurrency, durationMs, completionTokens: 100 }),
    model,
  );
}

describe('estimateCapacity', () => {
  it('knows nothing before there are calls, and no knee while more load still brings more', () => {
    expect(estimateCapacity(NO_CAPACITY)).toEqual({
      callsPerSecond: undefined,
      decodeTokensPerSecond: undefined,
      kneeConcurrency: undefined,
    });
    const light = [1, 2, 4].reduce((model, load) => loadedAt(model, load), NO_CAPACITY);
    expect(estimateCapacity(light)).toMatchObject({ callsPerSecond: 4, kneeConcurrency: undefined });
  });

  it('finds the load beyond which calls only take longer', () => {
    const heavy = [1, 2, 4, 8, 16, 32].reduce((model, load) => loadedAt(model, load), NO_CAPACITY);
    expect(estimateCapacity(heavy)).toMatchObject({ callsPerSecond: 8, kneeConcurrency: 8 });
  });

  it('measures how fast one call writes', () => {
    expect(estimateCapacity(loadedAt(NO_CAPACITY, 1)).decodeTokensPerSecond).toBe(100);
  });

  it('adds endpoints up, and leaves the knee open while one of them has none', () => {
    const known = { callsPerSecond: 5, decodeTokensPerSecond: 20, kneeConcurrency: 30 };
    const fresh = { callsPerSecond: undefined, decodeTokensPerSecond: undefined, kneeConcurrency: undefined };
    expect(addCapacities([known, { ...known, decodeTokensPerSecond: 40 }])).toEqual({
      callsPerSecond: 10,
      decodeTokensPerSecond: 30,
      kneeConcurrency: 60,
    });
    expect(addCapacities([known, fresh])).toEqual({ ...known, kneeConcurrency: undefined });
  });
});
