import { describe, expect, it } from 'vitest';
import { readExit, type ExitContext } from './read-exit.ts';

const context: ExitContext = { cause: undefined, wrapped: false, stderr: '' };

describe('readExit', () => {
  it.each([
    [{ exitCode: 0 }, {}, { reason: 'exited', exitCode: 0 }],
    [{ exitCode: 137 }, {}, { reason: 'exited', exitCode: 137 }],
    [{ exitCode: 137 }, { wrapped: true }, { reason: 'signalled', signalName: 'SIGKILL' }],
    [{ exitCode: 255 }, { wrapped: true }, { reason: 'exited', exitCode: 255 }],
    [{ signal: 'SIGTERM' }, {}, { reason: 'signalled', signalName: 'SIGTERM' }],
    [{ signal: 'SIGTERM' }, { cause: 'timed_out' }, { reason: 'timed_out' }],
    [{ exitCode: 0 }, { cause: 'aborted' }, { reason: 'aborted' }],
    [{ signal: 'SIGKILL' }, { cause: { limit: 'memory' } }, { reason: 'over_limit', limit: 'memory' }],
    [{}, {}, { reason: 'not_started' }],
    [{ exitCode: 127 }, { stderr: 'sandbox-start: 9: exec: x: not found' }, { reason: 'not_started' }],
    [{ exitCode: 127 }, { stderr: 'sh: x: not found' }, { reason: 'exited', exitCode: 127 }],
    [{ exitCode: 1 }, { wrapped: true, stderr: 'bwrap: execvp x: No such file' }, { reason: 'not_started' }],
    [{ exitCode: 1 }, { wrapped: true, stderr: 'error' }, { reason: 'exited', exitCode: 1 }],
  ] as const)('reads %j in %j', (exit, more, expected) => {
    expect(readExit(exit, { ...context, ...more })).toEqual(expected);
  });
});
