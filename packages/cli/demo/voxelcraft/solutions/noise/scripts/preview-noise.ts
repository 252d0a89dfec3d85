import { seedFromText } from '../src/engine/noise/random.ts';
import { createFractalNoise } from '../src/engine/noise/value-noise.ts';

// Prints a map of the terrain noise, to judge a change of its parameters at a glance.
const SHADES = ' .:-=+*#%@';
const noise = createFractalNoise(seedFromText('preview'), { octaves: 4 });

for (let row = 0; row < 24; row++) {
  const line = Array.from({ length: 72 }, (_, column) => {
    const height = noise(column / 12, row / 6);
    return SHADES[Math.floor(height * SHADES.length)];
  });
  console.log(line.join(''));
}
