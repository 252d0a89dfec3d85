import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { claimStdout } from './stdout-channel.ts';

test('keeps standard output for its lines and sends other writers to standard error', () => {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const writeLine = claimStdout(stdout, stderr);
  stdout.write('printed by a library\n');
  writeLine('{"type":"heartbeat"}');
  expect(String(stdout.read())).toBe('{"type":"heartbeat"}\n');
  expect(String(stderr.read())).toBe('printed by a library\n');
});

test('outlives a reader that goes away', () => {
  const stdout = new PassThrough();
  const writeLine = claimStdout(stdout, new PassThrough());
  stdout.emit('error', new Error('EPIPE'));
  expect(() => writeLine('{}')).not.toThrow();
  expect(stdout.read()).toBeNull();
});
