import { describe, expect, it } from 'vitest';
import { LlmError } from '../errors.ts';
import { parseRetryAfterMs } from './retry-after.ts';
import { planRetry } from './retry-policy.ts';

describe('planRetry', () => {
  it('backs off with jitter and gives up after the third try', () => {
    const error = new LlmError('SERVER_ERROR', 'x');
    expect([1, 2, 3].map((attempt) => planRetry(error, attempt, 0))).toEqual([250, 500, undefined]);
    expect([1, 2, 3].map((attempt) => planRetry(error, attempt, 1))).toEqual([500, 1000, undefined]);
  });

  it.each(['AUTH_REJECTED', 'MODEL_UNKNOWN', 'REQUEST_REJECTED', 'INVALID_ANSWER', 'TIMED_OUT'] as const)(
    'never repeats after %s',
    (code) => {
      expect(planRetry(new LlmError(code, 'x', { details: { retryAfterMs: 1 } }), 1, 0)).toBeUndefined();
    },
  );

  it('obeys the server up to five minutes', () => {
    const asking = (retryAfterMs: number) => new LlmError('RATE_LIMITED', 'x', { details: { retryAfterMs } });
    expect(planRetry(asking(0), 1, 0)).toBe(0);
    expect(planRetry(asking(300_000), 1, 0)).toBe(300_000);
    expect(planRetry(asking(300_001), 1, 0)).toBeUndefined();
  });
});

describe('parseRetryAfterMs', () => {
  const nowMs = Date.parse('2026-01-01T00:00:00Z');
  it.each([
    ['2', 2_000],
    ['0.5', 500],
    ['Thu, 01 Jan 2026 00:00:09 GMT', 9_000],
    ['Wed, 31 Dec 2025 23:00:00 GMT', 0],
    ['-5', undefined],
    ['soon', undefined],
    ['', undefined],
    [null, undefined],
  ])('%j gives %j', (header, expected) => {
    expect(parseRetryAfterMs(header, nowMs)).toBe(expected);
  });
});
