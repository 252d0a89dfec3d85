import { DAY_LENGTH_SECONDS, dayPhase, daylight, timeOfDay } from '../src/engine/sky/day-cycle.ts';

// Prints one day as bars of daylight, to judge a change of its parameters at a glance.
const LINES = 24;

for (let line = 0; line < LINES; line++) {
  const seconds = (line * DAY_LENGTH_SECONDS) / LINES;
  const time = timeOfDay(seconds);
  const bar = '#'.repeat(Math.round(daylight(time) * 40));
  console.log(`${String(seconds).padStart(5)} s  ${dayPhase(time).padEnd(5)}  ${bar}`);
}
