import { expect, it } from 'vitest';
import { isGivenUp, type AttemptStop } from './find-attempt-stop.ts';

const NO_MONEY: AttemptStop = { kind: 'abandon', reason: 'budget of the run is used up' };

it.each([
  ['handed_off', true, NO_MONEY, false],
  ['handed_off', false, NO_MONEY, false],
  ['handed_off', true, undefined, true],
  ['handed_off', false, undefined, false],
  ['failed', true, NO_MONEY, true],
  ['failed', false, NO_MONEY, true],
  ['failed', true, undefined, true],
  ['failed', false, undefined, false],
] as const)('gives up what %s, aborted: %s, stop: %j: %s', (status, aborted, stop, expected) => {
  expect(isGivenUp({ status }, { aborted, stop })).toBe(expected);
});
