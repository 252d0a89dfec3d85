import { expect, it } from 'vitest';
import { SandboxError } from '../../errors.ts';
import type { ShimErrorCode } from '../protocol/failure.ts';
import { readEnd, type LastEvent } from './read-end.ts';

const exited: LastEvent = { kind: 'exec_end', end: { reason: 'exited', exitCode: 3 } };
const shimIsGone: LastEvent = {
  kind: 'lost',
  error: new SandboxError('SANDBOX_REMOTE_UNAVAILABLE', 'the shim has ended'),
};
const lostFor = (code: ShimErrorCode): LastEvent => ({
  kind: 'exec_end',
  end: {
    reason: 'lost',
    error: { code: -32_000, message: 'gone', data: { code, class: 'gone', retryable: false } },
  },
});

it('gives what the command reports', () => {
  expect(readEnd(exited, undefined)).toEqual({ reason: 'exited', exitCode: 3 });
  const killed: LastEvent = { kind: 'exec_end', end: { reason: 'signalled', signal: 9 } };
  expect(readEnd(killed, undefined)).toEqual({ reason: 'signalled', signalName: 'SIGKILL' });
  const missing: LastEvent = { kind: 'exec_end', end: { reason: 'not_started' } };
  expect(readEnd(missing, undefined)).toEqual({ reason: 'not_started' });
});

it('gives what was done to it before what it reports', () => {
  expect(readEnd(exited, 'aborted')).toEqual({ reason: 'aborted' });
  expect(readEnd(exited, 'timed_out')).toEqual({ reason: 'timed_out' });
});

it('tells a command that nobody knows of from one whose sandbox was ended', () => {
  expect(readEnd(lostFor('NOT_FOUND'), undefined)).toEqual({ reason: 'lost' });
  expect(readEnd(lostFor('SANDBOX_ENDED'), undefined)).toEqual({ reason: 'aborted' });
  expect(readEnd(shimIsGone, undefined)).toEqual({ reason: 'lost' });
  expect(readEnd(shimIsGone, 'aborted')).toEqual({ reason: 'lost' });
});
