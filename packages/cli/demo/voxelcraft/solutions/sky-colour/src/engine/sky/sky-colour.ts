import { daylight, sunHeight } from './day-cycle.ts';
import type { TimeOfDay } from './day-cycle.ts';

/** Red, green and blue from 0 to 1. */
export type Rgb = readonly [red: number, green: number, blue: number];

const DAY: Rgb = [0.53, 0.71, 0.92];
const NIGHT: Rgb = [0.02, 0.03, 0.08];
const GLOW: Rgb = [0.96, 0.52, 0.26];

/** Light that is left at midnight, so that nobody walks in the dark. */
const MOONLIGHT = 0.18;
/** The sun's height, as a sine, at which nothing is left of the glow. */
const GLOW_HEIGHT = 0.3;

const mix = (from: Rgb, to: Rgb, t: number): Rgb => [
  from[0] + (to[0] - from[0]) * t,
  from[1] + (to[1] - from[1]) * t,
  from[2] + (to[2] - from[2]) * t,
];

/** How much of the sunrise or sunset glow shows, 1 with the sun on the horizon. */
const glow = (time: TimeOfDay) => Math.max(0, 1 - Math.abs(sunHeight(time)) / GLOW_HEIGHT);

/** Colour of the sky overhead, also the clear colour of a frame. */
export const skyColour = (time: TimeOfDay): Rgb => mix(NIGHT, DAY, daylight(time));

/** Colour at the horizon, which distant chunks fade into. */
export const fogColour = (time: TimeOfDay): Rgb => mix(skyColour(time), GLOW, glow(time) * 0.6);

/** What the brightness of a face under open sky is multiplied by. */
export const skyLight = (time: TimeOfDay): number => MOONLIGHT + (1 - MOONLIGHT) * daylight(time);
