import { expect, it } from 'vitest';
import { gitFeatures } from './version.ts';
import { runGit } from './run-git.ts';
import { subcommandOf } from './spawn.ts';
import { TailBuffer } from './output-buffer.ts';

// Git itself starts the shell of an alias, which stands for any slow or loud command here.
const alias = (script: string) => ({ args: ['probe'], config: [`alias.probe=!${script}`] });

it('ends a command that takes too long, and says so', async () => {
  await expect(runGit({ ...alias('sleep 60'), timeoutMs: 50 })).rejects.toMatchObject({
    code: 'GIT_TIMED_OUT',
    details: { command: expect.arrayContaining(['probe']), signal: 'SIGTERM' },
  });
});

it('ends a command on abort and keeps the reason', async () => {
  const controller = new AbortController();
  const reason = new RangeError('enough');
  const running = runGit({ ...alias('sleep 60'), signal: controller.signal });
  controller.abort(reason);
  await expect(running).rejects.toMatchObject({ code: 'GIT_ABORTED', cause: reason });
});

it('does not collect output without end', async () => {
  await expect(runGit({ ...alias('yes'), maxOutputBytes: 1000 })).rejects.toMatchObject({
    code: 'GIT_OUTPUT_TOO_LARGE',
  });
});

it('reports exit code and the end of standard error', async () => {
  await expect(runGit(alias('echo one >&2; echo two >&2; exit 7'))).rejects.toMatchObject({
    code: 'GIT_FAILED',
    message: 'git probe failed with exit code 7: two',
    details: { exitCode: 7, stderrTail: 'one\ntwo\n' },
  });
  expect((await runGit({ ...alias('exit 7'), accept: [7] })).exitCode).toBe(7);
});

it('judges a process that does not read its input by its exit code', async () => {
  const stdin = 'x'.repeat(1_000_000);
  expect((await runGit({ ...alias('exit 0'), stdin })).exitCode).toBe(0);
});

it('finds the subcommand behind global options', () => {
  expect(subcommandOf(['--git-dir=/x', '-c', 'a=b', '-C', 'dir', 'fetch', 'origin'])).toBe('fetch');
});

it('keeps the end of what was written', () => {
  const tail = new TailBuffer(4);
  for (const text of ['ab', 'cd', 'ef']) tail.add(Buffer.from(text));
  expect(tail.text()).toBe('cdef');
});

it('knows what each version of git can do', () => {
  const at = (major: number, minor: number) => Object.values(gitFeatures({ major, minor, patch: 0 }));
  expect(at(2, 37)).toEqual([false, false, false]);
  expect(at(2, 39)).toEqual([true, false, false]);
  expect(at(2, 49)).toEqual([true, true, true]);
  expect(at(3, 0)).toEqual([true, true, true]);
});
