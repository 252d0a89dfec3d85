import { expect, it } from 'vitest';
import { VirtualClock } from './virtual-clock.ts';

it('wakes sleepers by time, those of one time in the order in which they lay down', async () => {
  const clock = new VirtualClock();
  const woken: string[] = [];
  const sleeper = async (name: string, delayMs: number) => {
    await clock.sleep(delayMs);
    woken.push(`${name} at ${clock.nowMs()}`);
  };
  await Promise.all([sleeper('late', 3_600_000), sleeper('one', 5), sleeper('two', 5), sleeper('now', 0)]);
  expect(woken).toEqual(['now at 0', 'one at 5', 'two at 5', 'late at 3600000']);
});

it('stands still while anybody has microtasks left', async () => {
  const clock = new VirtualClock();
  const seen = new Set<number>();
  const busy = async () => {
    for (let turn = 0; turn < 1000; turn += 1) {
      await Promise.resolve();
      seen.add(clock.nowMs());
    }
  };
  await Promise.all([clock.sleep(10), busy()]);
  expect([...seen]).toEqual([0]);
  expect(clock.nowMs()).toBe(10);
});

it('rejects with the reason of an abort, before and while sleeping, and time does not pass for it', async () => {
  const clock = new VirtualClock();
  const abort = new AbortController();
  const reason = new RangeError('enough');
  const sleeping = clock.sleep(1000, abort.signal);
  abort.abort(reason);
  await expect(sleeping).rejects.toBe(reason);
  await expect(clock.sleep(1, abort.signal)).rejects.toBe(reason);
  await clock.sleep(10);
  expect(clock.nowMs()).toBe(10);
});
