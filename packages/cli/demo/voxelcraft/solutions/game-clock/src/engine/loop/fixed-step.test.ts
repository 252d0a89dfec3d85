import { describe, expect, test } from 'vitest';
import { createFixedStep } from './fixed-step.ts';

describe('fixed step', () => {
  test('takes no step before its time has come', () => {
    const clock = createFixedStep({ stepSeconds: 0.05 });
    expect(clock.advance(0.02)).toEqual({ steps: 0, blend: expect.closeTo(0.4) });
    expect(clock.advance(0.02).steps).toBe(0);
    expect(clock.advance(0.02)).toEqual({ steps: 1, blend: expect.closeTo(0.2) });
  });

  test('takes the same number of steps however the time is cut', () => {
    for (const framesPerSecond of [20, 30, 60, 144]) {
      const clock = createFixedStep({ stepSeconds: 0.05 });
      let steps = 0;
      for (let frame = 0; frame < framesPerSecond * 10; frame++)
        steps += clock.advance(1 / framesPerSecond).steps;
      expect(steps).toBe(200);
    }
  });

  test('drops the time it cannot catch up with', () => {
    const clock = createFixedStep({ stepSeconds: 0.05, maxStepsPerFrame: 3 });
    expect(clock.advance(10).steps).toBe(3);
    expect(clock.advance(0.05).steps).toBe(1);
  });

  test('ignores time that went backwards', () => {
    const clock = createFixedStep({ stepSeconds: 0.05 });
    expect(clock.advance(-1)).toEqual({ steps: 0, blend: 0 });
  });

  test('refuses a step without duration', () => {
    for (const stepSeconds of [0, -1, NaN])
      expect(() => createFixedStep({ stepSeconds })).toThrow(RangeError);
  });
});
