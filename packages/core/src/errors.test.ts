import { describe, expect, it } from 'vitest';
import { InputError, isSwarmError, SwarmError, toSwarmError } from './errors.ts';

class SampleError extends SwarmError<'SAMPLE_FAILED'> {
  constructor(message: string, options?: { cause?: unknown; details?: Record<string, unknown> }) {
    super('SAMPLE_FAILED', { kind: 'transient', retryable: true }, message, options);
  }
}

describe('SwarmError', () => {
  it('carries code, traits, details and cause', () => {
    const cause = new RangeError('below');
    const error = new SampleError('failed', { cause, details: { path: 'a' } });
    expect(error).toMatchObject({
      name: 'SampleError',
      code: 'SAMPLE_FAILED',
      traits: { kind: 'transient', retryable: true },
      details: { path: 'a' },
      message: 'failed',
    });
    expect(error.cause).toBe(cause);
    expect('cause' in new SampleError('alone')).toBe(false);
  });
});

describe('isSwarmError', () => {
  it('recognises errors of another copy of this module', async () => {
    const copyUrl: string = './errors.ts?copy';
    const copy = (await import(copyUrl)) as typeof import('./errors.ts');
    const error = new copy.InputError('CONFIG_INVALID', 'no');
    expect(copy.InputError).not.toBe(InputError);
    expect(error instanceof SwarmError).toBe(false);
    expect(isSwarmError(error)).toBe(true);
    expect(toSwarmError(error)).toBe(error);
  });

  it.each([new RangeError('x'), { code: 'CONFIG_INVALID' }, 'text', null, undefined, 0])(
    'does not take %s for one',
    (value) => expect(isSwarmError(value)).toBe(false),
  );
});

describe('toSwarmError', () => {
  it('keeps what was thrown as the cause', () => {
    const thrown = new RangeError('below');
    const error = toSwarmError(thrown);
    expect(error).toMatchObject({ code: 'UNKNOWN', message: 'below', traits: { kind: 'internal' } });
    expect(error.cause).toBe(thrown);
    expect(toSwarmError('text')).toMatchObject({ code: 'UNKNOWN', message: 'text', cause: 'text' });
  });
});
