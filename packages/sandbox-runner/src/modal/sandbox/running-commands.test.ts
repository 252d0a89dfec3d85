import type { ExecHandle, ExecResult } from '@agentswarm/core';
import { expect, it } from 'vitest';
import { RunningCommands } from './running-commands.ts';

const OUTPUT = { stdout: 'out', stderr: '', durationMs: 1 };

/** A command that ends as told, or as aborted when it is asked to. */
function command(signal: AbortSignal) {
  const over = Promise.withResolvers<ExecResult>();
  signal.addEventListener('abort', () => over.resolve({ ...OUTPUT, reason: 'aborted' }));
  const nothing = {
    [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true, value: '' }) as const }),
  };
  const exec: ExecHandle = { lines: nothing, output: nothing as never, result: over.promise };
  return {
    exec,
    finish: (result: Partial<ExecResult>) => over.resolve({ ...OUTPUT, reason: 'exited', ...result }),
  };
}

function start(commands: RunningCommands, signal?: AbortSignal) {
  const started: { finish?: (result: Partial<ExecResult>) => void } = {};
  const exec = commands.start(signal, (aborted) => {
    const { exec: inner, finish } = command(aborted);
    started.finish = finish;
    return inner;
  });
  return { exec, finish: (result: Partial<ExecResult>) => started.finish?.(result) };
}

it('gives what a command reports, and forgets it', async () => {
  const commands = new RunningCommands();
  const { exec, finish } = start(commands);
  expect(commands.isEmpty).toBe(false);
  finish({ exitCode: 3 });
  expect(await exec.result).toEqual({ ...OUTPUT, reason: 'exited', exitCode: 3 });
  expect(commands.isEmpty).toBe(true);
});

it('ends commands for its reason, and says so', async () => {
  const commands = new RunningCommands();
  const [first, second] = [start(commands), start(commands)];
  await commands.end('timed_out');
  expect(await first.exec.result).toEqual({ ...OUTPUT, reason: 'timed_out' });
  expect(await second.exec.result).toEqual({ ...OUTPUT, reason: 'timed_out' });
  const third = start(commands, AbortSignal.timeout(0));
  expect((await third.exec.result).reason).toBe('aborted');
});

it('leaves it at lost where nobody knows how a command ended', async () => {
  const commands = new RunningCommands();
  const { exec, finish } = start(commands);
  finish({ reason: 'lost' });
  await commands.end('aborted');
  expect((await exec.result).reason).toBe('lost');
});

it('ends the commands of all handles at a limit, and tells when others may start', async () => {
  const all = new RunningCommands();
  const handles = [new RunningCommands(all), new RunningCommands(all)];
  const started = handles.map((commands) => start(commands));
  const over = Promise.withResolvers<void>();
  await all.endFor('memory', over.promise);
  for (const { exec } of started) {
    expect(await exec.result).toEqual({ ...OUTPUT, reason: 'over_limit', limit: 'memory' });
  }
  const isCalm = () =>
    Promise.race([all.calm.then(() => true), new Promise((resolve) => setImmediate(resolve))]);
  expect(await isCalm()).toBeUndefined();
  over.resolve();
  expect(await isCalm()).toBe(true);
});
