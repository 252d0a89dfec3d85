/** Seconds from one sunrise to the next. */
export const DAY_LENGTH_SECONDS = 1200;

/** A moment of the day: 0 is sunrise, 0.25 noon, 0.5 sunset, 0.75 midnight. */
export type TimeOfDay = number;

export type DayPhase = 'dawn' | 'day' | 'dusk' | 'night';

/** How long before and after the sun crosses the horizon the light changes. */
const TWILIGHT = 0.05;

/** The moment of the day after so many seconds of play; the game starts at sunrise. */
export function timeOfDay(elapsedSeconds: number): TimeOfDay {
  const days = elapsedSeconds / DAY_LENGTH_SECONDS;
  return days - Math.floor(days);
}

/** Sine of the sun's angle above the horizon: 1 at noon, -1 at midnight. */
export const sunHeight = (time: TimeOfDay): number => Math.sin(time * 2 * Math.PI);

/** Unit vector towards the sun, which rises in the east (+x). */
export function sunDirection(time: TimeOfDay): readonly [x: number, y: number, z: number] {
  const angle = time * 2 * Math.PI;
  return [Math.cos(angle), Math.sin(angle), 0];
}

/** Share of full sunlight, from 0 at night to 1 by day, changing smoothly through twilight. */
export function daylight(time: TimeOfDay): number {
  const horizon = Math.sin(TWILIGHT * 2 * Math.PI);
  const t = Math.min(1, Math.max(0, (sunHeight(time) + horizon) / (2 * horizon)));
  return t * t * (3 - 2 * t);
}

export function dayPhase(time: TimeOfDay): DayPhase {
  if (time < TWILIGHT || time >= 1 - TWILIGHT) return 'dawn';
  if (time < 0.5 - TWILIGHT) return 'day';
  return time < 0.5 + TWILIGHT ? 'dusk' : 'night';
}
