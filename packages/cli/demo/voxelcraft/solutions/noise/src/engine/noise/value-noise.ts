import { randomAt } from './random.ts';

/** Smooth noise over a plane, from 0 to 1. */
export type Noise2 = (x: number, z: number) => number;

/** Zero first and second derivative at both ends, so cell borders do not show. */
const fade = (t: number) => t * t * t * (t * (t * 6 - 15) + 10);
const mix = (a: number, b: number, t: number) => a + (b - a) * t;

/** Random values at whole coordinates, smoothly joined between them. */
export function createValueNoise(seed: number): Noise2 {
  return (x, z) => {
    const cellX = Math.floor(x);
    const cellZ = Math.floor(z);
    const u = fade(x - cellX);
    const v = fade(z - cellZ);
    const north = mix(randomAt(seed, cellX, cellZ), randomAt(seed, cellX + 1, cellZ), u);
    const south = mix(randomAt(seed, cellX, cellZ + 1), randomAt(seed, cellX + 1, cellZ + 1), u);
    return mix(north, south, v);
  };
}

export interface FractalOptions {
  readonly octaves: number;
  /** How much finer each octave is than the one before. */
  readonly lacunarity?: number;
  /** How much weaker each octave is than the one before. */
  readonly gain?: number;
}

/** Sums octaves of value noise, each finer and weaker, and scales the sum back to 0…1. */
export function createFractalNoise(seed: number, options: FractalOptions): Noise2 {
  const { octaves, lacunarity = 2, gain = 0.5 } = options;
  const layers = Array.from({ length: octaves }, (_, octave) => ({
    noise: createValueNoise(seed + octave * 1013),
    frequency: lacunarity ** octave,
    amplitude: gain ** octave,
  }));
  const total = layers.reduce((sum, layer) => sum + layer.amplitude, 0);
  return (x, z) => {
    let sum = 0;
    for (const { noise, frequency, amplitude } of layers) {
      sum += noise(x * frequency, z * frequency) * amplitude;
    }
    return sum / total;
  };
}
