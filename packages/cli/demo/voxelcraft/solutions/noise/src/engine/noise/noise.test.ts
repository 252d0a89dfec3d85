import { describe, expect, test } from 'vitest';
import { createRandom, randomAt, seedFromText } from './random.ts';
import { createFractalNoise, createValueNoise } from './value-noise.ts';

const samples = Array.from(
  { length: 400 },
  (_, i) => [(i % 20) * 0.37 - 3, Math.floor(i / 20) * 0.53 - 5] as const,
);

describe('random', () => {
  test('repeats for the same seed and differs for another', () => {
    const take = (seed: number) => Array.from({ length: 5 }, createRandom(seed));
    expect(take(7)).toEqual(take(7));
    expect(take(7)).not.toEqual(take(8));
  });

  test('spreads over the whole range', () => {
    const random = createRandom(1);
    const buckets = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i++) {
      const bucket = Math.floor(random() * 10);
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
    }
    for (const count of buckets) expect(count).toBeGreaterThan(850);
  });

  test('reads seeds from text', () => {
    expect(seedFromText('voxel')).toBe(seedFromText('voxel'));
    expect(seedFromText('voxel')).not.toBe(seedFromText('Voxel'));
  });

  test('gives neighbouring cells unrelated values', () => {
    const values = new Set([randomAt(1, 0, 0), randomAt(1, 1, 0), randomAt(1, 0, 1), randomAt(1, -1, 0)]);
    expect(values.size).toBe(4);
  });
});

describe.each([
  ['value noise', createValueNoise],
  ['fractal noise', (seed: number) => createFractalNoise(seed, { octaves: 4 })],
])('%s', (_name, create) => {
  test('stays between 0 and 1 and is not constant', () => {
    const values = samples.map(([x, z]) => create(3)(x, z));
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    expect(Math.max(...values) - Math.min(...values)).toBeGreaterThan(0.3);
  });

  test('depends on the seed only', () => {
    const at = (seed: number) => samples.map(([x, z]) => create(seed)(x, z));
    expect(at(3)).toEqual(at(3));
    expect(at(3)).not.toEqual(at(4));
  });

  test('has no jumps, not even across cell borders', () => {
    const noise = create(5);
    for (let x = -2; x < 2; x += 0.01)
      expect(Math.abs(noise(x + 0.01, 0.3) - noise(x, 0.3))).toBeLessThan(0.08);
  });
});

test('value noise meets the random values at whole coordinates', () => {
  expect(createValueNoise(9)(-4, 7)).toBe(randomAt(9, -4, 7));
});
