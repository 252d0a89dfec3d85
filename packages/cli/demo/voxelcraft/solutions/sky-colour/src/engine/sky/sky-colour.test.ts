import { expect, test } from 'vitest';
import { fogColour, skyColour, skyLight } from './sky-colour.ts';
import type { Rgb } from './sky-colour.ts';

const NOON = 0.25;
const SUNSET = 0.5;
const MIDNIGHT = 0.75;
const brightness = ([red, green, blue]: Rgb) => red + green + blue;

test('the sky is blue by day and dark at night', () => {
  const [red, , blue] = skyColour(NOON);
  expect(blue).toBeGreaterThan(red);
  expect(brightness(skyColour(MIDNIGHT))).toBeLessThan(brightness(skyColour(NOON)) / 5);
});

test('the horizon glows red at sunset only', () => {
  const [red, , blue] = fogColour(SUNSET);
  expect(red).toBeGreaterThan(blue);
  expect(fogColour(NOON)).toEqual(skyColour(NOON));
  expect(fogColour(MIDNIGHT)).toEqual(skyColour(MIDNIGHT));
});

test('every colour is one a screen can show', () => {
  for (let time = 0; time < 1; time += 0.01) {
    for (const channel of [...skyColour(time), ...fogColour(time)]) {
      expect(channel).toBeGreaterThanOrEqual(0);
      expect(channel).toBeLessThanOrEqual(1);
    }
  }
});

test('there is some light even at midnight', () => {
  expect(skyLight(NOON)).toBeCloseTo(1);
  expect(skyLight(MIDNIGHT)).toBeCloseTo(0.18);
});
