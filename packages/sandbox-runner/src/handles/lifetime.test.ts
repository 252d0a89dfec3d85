import { expect, test } from 'vitest';
import { createTestTime } from '../../test/test-time.ts';
import { watchLifetime } from './lifetime.ts';

function watch(limits: { wallMs?: number; idleTimeoutMs?: number }, isBusy = async () => false) {
  const time = createTestTime();
  const endsMs = limits.wallMs === undefined ? undefined : time.steadyMs() + limits.wallMs;
  const over: { why: string; atMs: number }[] = [];
  const lifetime = watchLifetime({
    time,
    wallLeftMs: async () => (endsMs === undefined ? undefined : endsMs - time.steadyMs()),
    ...(limits.idleTimeoutMs === undefined ? {} : { idleTimeoutMs: limits.idleTimeoutMs }),
    isBusy,
    onOver: (why) => over.push({ why, atMs: time.steadyMs() }),
    onProblem: (error) => expect(error).toBeUndefined(),
  });
  return { time, over, lifetime };
}

test('ends when the wall time is over, and not before', async () => {
  const { time, over } = watch({ wallMs: 60_000 });
  await time.pass(59_999);
  expect(over).toEqual([]);
  await time.pass(1);
  expect(over).toEqual([{ why: 'wall', atMs: 60_000 }]);
});

test.each([-10 * 365 * 86_400_000, 10 * 365 * 86_400_000])(
  'ends at the same moment when the clock jumps by %d ms',
  async (jumpMs) => {
    const { time, over } = watch({ wallMs: 60_000, idleTimeoutMs: 90_000 });
    await time.pass(30_000);
    time.setClock(jumpMs);
    await time.pass(29_999);
    expect(over).toEqual([]);
    await time.pass(1);
    expect(over).toEqual([{ why: 'wall', atMs: 60_000 }]);
  },
);

test('counts idleness from the last sign of life', async () => {
  const { time, over, lifetime } = watch({ idleTimeoutMs: 10_000 });
  await time.pass(9_000);
  lifetime.touch();
  await time.pass(9_000);
  expect(over).toEqual([]);
  await time.pass(1_000);
  expect(over).toEqual([{ why: 'idle', atMs: 19_000 }]);
});

test('is not idle while a command runs', async () => {
  let busy = true;
  const { time, over } = watch({ idleTimeoutMs: 10_000 }, async () => busy);
  await time.pass(60_000);
  busy = false;
  expect(over).toEqual([]);
  await time.pass(10_000);
  expect(over).toMatchObject([{ why: 'idle' }]);
});

test('ends nothing once it is disposed', async () => {
  const { time, over, lifetime } = watch({ wallMs: 1_000 });
  lifetime[Symbol.dispose]();
  await time.pass(5_000);
  expect(over).toEqual([]);
});
