import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Occurrence } from '../model/engine-event.ts';
import type { SchedulerConfig } from '../model/manifest-set.ts';
import type { RunResult } from '../model/run-result.ts';
import { runQueue } from './run-queue.ts';
import { TaskQueue } from './task-queue.ts';

function open(config: Partial<SchedulerConfig> = {}) {
  const told: Occurrence[] = [];
  let count = 0;
  const queue = new TaskQueue({
    config: { enabled: true, max_concurrency: 1, queue_policy: 'fifo', max_queue_size: null, ...config },
    clock: { nowMs: () => 0 },
    ids: { hex: (digits) => String((count += 1)).padStart(digits, '0'), uuid: () => '' },
    events: { emit: (occurrence) => told.push(occurrence) },
  });
  return { queue, told };
}

function resultOf(status: string, output: string): RunResult {
  return {
    task_id: `task-${output}`,
    status,
    output,
    error: null,
    start_node: 's',
    current_node: null,
    history: [],
    node_sequence: [],
    trace: [],
    execution_time_ms: 0,
    manifest_digest: '',
  };
}

describe('a queue', () => {
  it('refuses when it is off or full, and says so in an event', () => {
    expect(() => open({ enabled: false }).queue.enqueue(1, null)).toThrow('the scheduler is off');
    const { queue, told } = open({ max_queue_size: 1 });
    queue.enqueue(1, null);
    expect(() => queue.enqueue(2, null)).toThrow('Queue full (limit: 1)');
    expect(told.at(-1)).toMatchObject({ name: 'queue_full', payload: { queue_size: 1, max_size: 1 } });
    expect(queue.size).toBe(1);
  });

  it('completes and fails only what runs', () => {
    const { queue } = open();
    const id = queue.enqueue('x', 'start');
    const end = { output: 'y', error: null, metadata: {} };
    expect(queue.complete(id, end)).toBe(false);
    expect(queue.startNext()).toMatchObject({ task_id: id, state: 'running', start_node_id: 'start' });
    expect(queue.startNext()).toBeUndefined();
    expect(queue.fail(id, { ...end, error: 'no' })).toBe(true);
    expect(queue.complete(id, end)).toBe(false);
    expect(queue.find(id)).toMatchObject({ state: 'failed', output: 'y', error: 'no' });
  });

  it('forgets the oldest of more than a thousand that have run', () => {
    const { queue } = open();
    const ids = Array.from({ length: 1005 }, (_, index) => queue.enqueue(index, null));
    for (const id of ids) {
      queue.startNext();
      queue.complete(id, { output: null, error: null, metadata: {} });
    }
    expect(queue.finishedCount).toBe(1000);
    expect(queue.find(ids[4] ?? '')).toBeUndefined();
    expect(queue.find(ids[5] ?? '')).toBeDefined();
  });
});

it('runs everything once, in order, never more at once than there is room, whatever fails', async () => {
  const plan = fc.array(
    fc.record({ ticks: fc.nat(5), ends: fc.constantFrom('success', 'partial', 'failure', 'throws') }),
    {
      maxLength: 12,
    },
  );
  await fc.assert(
    fc.asyncProperty(plan, fc.integer({ min: 1, max: 4 }), async (tasks, room) => {
      const { queue } = open({ max_concurrency: room });
      const ids = tasks.map((_, index) => queue.enqueue(index, null));
      const started: number[] = [];
      let [running, most] = [0, 0];
      const results = await runQueue(queue, async ({ input }) => {
        const index = Number(input);
        const { ticks, ends } = tasks[index] ?? { ticks: 0, ends: 'throws' };
        started.push(index);
        running += 1;
        most = Math.max(most, running);
        for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
        running -= 1;
        if (ends === 'throws') throw new RangeError('cannot run');
        return resultOf(ends, String(index));
      });
      expect(started).toEqual(tasks.map((_, index) => index));
      expect(most).toBeLessThanOrEqual(room);
      expect(results.map(({ task_id, status }) => [task_id, status])).toEqual(
        tasks.map(({ ends }, index) => [ids[index], ends === 'throws' ? 'failure' : ends]),
      );
      expect(queue.tasks.map(({ state }) => state)).toEqual(
        tasks.map(({ ends }) => (ends === 'success' || ends === 'partial' ? 'completed' : 'failed')),
      );
    }),
  );
});

it('starts nothing after an abort, and keeps what waits', async () => {
  const { queue } = open();
  queue.enqueue(1, null);
  queue.enqueue(2, null);
  const abort = new AbortController();
  const results = await runQueue(
    queue,
    async () => {
      abort.abort();
      return resultOf('cancelled', 'x');
    },
    abort.signal,
  );
  expect(results).toHaveLength(1);
  expect(queue.tasks.map(({ state }) => state)).toEqual(['failed', 'queued']);
});
