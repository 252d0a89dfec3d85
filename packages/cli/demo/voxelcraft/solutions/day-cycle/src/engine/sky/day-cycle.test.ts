import { expect, test } from 'vitest';
import { DAY_LENGTH_SECONDS, dayPhase, daylight, sunDirection, sunHeight, timeOfDay } from './day-cycle.ts';

test('a day starts at sunrise and repeats', () => {
  expect(timeOfDay(0)).toBe(0);
  expect(timeOfDay(DAY_LENGTH_SECONDS / 4)).toBe(0.25);
  expect(timeOfDay(DAY_LENGTH_SECONDS * 3.5)).toBe(0.5);
});

test('the sun is highest at noon and lowest at midnight', () => {
  expect(sunHeight(0.25)).toBeCloseTo(1);
  expect(sunHeight(0.75)).toBeCloseTo(-1);
  expect(sunHeight(0.5)).toBeCloseTo(0);
});

test('the sun rises in the east and its direction has length one', () => {
  expect(sunDirection(0)).toEqual([1, 0, 0]);
  for (const time of [0.1, 0.3, 0.7]) expect(Math.hypot(...sunDirection(time))).toBeCloseTo(1);
});

test('daylight is full by day, gone at night and half at the horizon', () => {
  expect(daylight(0.25)).toBe(1);
  expect(daylight(0.75)).toBe(0);
  expect(daylight(0)).toBeCloseTo(0.5);
  expect(daylight(0.5)).toBeCloseTo(0.5);
});

test('daylight never jumps', () => {
  for (let time = 0; time < 1; time += 0.001) {
    expect(Math.abs(daylight(time + 0.001) - daylight(time))).toBeLessThan(0.02);
  }
});

test('the four phases follow one another', () => {
  expect([0, 0.2, 0.5, 0.7, 0.96].map(dayPhase)).toEqual(['dawn', 'day', 'dusk', 'night', 'dawn']);
});
