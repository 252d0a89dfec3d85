import { describe, expect, it } from 'vitest';
import { afterFailure, beginTrial, cancelTrial, CLOSED, isDue, type Circuit } from './circuit.ts';

const failTimes = (times: number, circuit: Circuit = CLOSED) =>
  Array.from({ length: times }).reduce<Circuit>((current) => afterFailure(current, 1_000), circuit);

describe('circuit', () => {
  it('opens for 30 s at the third failure in a row', () => {
    expect(failTimes(2).kind).toBe('closed');
    expect(failTimes(3)).toEqual({ kind: 'open', openings: 0, untilMs: 31_000 });
    expect(failTimes(9)).toEqual(failTimes(3));
  });

  it('may be tried when its time is over, and doubles it with each failed trial up to 5 minutes', () => {
    let circuit = failTimes(3);
    expect([isDue(circuit, 30_999), isDue(circuit, 31_000)]).toEqual([false, true]);
    const openMs: number[] = [];
    for (let trial = 0; trial < 6; trial += 1) {
      circuit = afterFailure(beginTrial(circuit), 0);
      openMs.push(circuit.kind === 'open' ? circuit.untilMs : NaN);
    }
    expect(openMs).toEqual([60_000, 120_000, 240_000, 300_000, 300_000, 300_000]);
  });

  it('lets a trial that said nothing be made again', () => {
    const trial = beginTrial(failTimes(3));
    expect(isDue(trial, 1e9)).toBe(false);
    expect(isDue(cancelTrial(trial, 40_000), 40_000)).toBe(true);
    expect(cancelTrial(CLOSED, 0)).toBe(CLOSED);
  });
});
