import { expect, it } from 'vitest';
import { runLimited } from './run-limited.ts';

const never = () => new Promise<never>(() => {});
const noSignal = () => new AbortController().signal;

it('gives what work gives, at once or later', async () => {
  expect(await runLimited(() => 1, { signal: noSignal(), timeoutMs: null })).toEqual({
    kind: 'done',
    value: 1,
  });
  expect(await runLimited(async () => 2, { signal: noSignal(), timeoutMs: 60_000 })).toEqual({
    kind: 'done',
    value: 2,
  });
});

it('gives what work throws', async () => {
  const limits = { signal: noSignal(), timeoutMs: null };
  const thrown = new TypeError('odd');
  const work = () => {
    throw thrown;
  };
  expect(await runLimited(work, limits)).toEqual({ kind: 'threw', thrown });
  expect(await runLimited(() => Promise.reject(new TypeError('x')), limits)).toMatchObject({ kind: 'threw' });
});

it('stops waiting when time is over, and tells the work', async () => {
  let told: AbortSignal | undefined;
  const limited = await runLimited(
    (signal) => {
      told = signal;
      return never();
    },
    { signal: noSignal(), timeoutMs: 1 },
  );
  expect(limited).toEqual({ kind: 'timeout' });
  expect(told?.aborted).toBe(true);
});

it('stops waiting when its caller aborts, and does not start when it has', async () => {
  const caller = new AbortController();
  const running = runLimited(never, { signal: caller.signal, timeoutMs: null });
  caller.abort();
  expect(await running).toEqual({ kind: 'aborted' });
  const work = () => expect.unreachable();
  expect(await runLimited(work, { signal: caller.signal, timeoutMs: null })).toEqual({ kind: 'aborted' });
});

it('takes limits that no timer can hold as none', async () => {
  const done = Promise.withResolvers<string>();
  const running = runLimited(() => done.promise, { signal: noSignal(), timeoutMs: 1e15 });
  setImmediate(() => setTimeout(() => done.resolve('in time'), 5));
  expect(await running).toEqual({ kind: 'done', value: 'in time' });
});
