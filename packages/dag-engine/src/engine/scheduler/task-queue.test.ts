import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Occurrence } from '../model/engine-event.ts';
import type { JsonValue } from '../model/json.ts';
import type { SchedulerConfig } from '../model/manifest-set.ts';
import { runQueued, type RunWorkflow } from './run-queued.ts';
import { TaskQueue } from './task-queue.ts';

const CONFIG: SchedulerConfig = {
  enabled: true,
  max_concurrency: 1,
  queue_policy: 'fifo',
  max_queue_size: null,
};

function createWorld(config: Partial<SchedulerConfig> = {}) {
  let fresh = 0;
  let nowMs = 0;
  const clock = { nowMs: () => (nowMs += 1) };
  const occurrences: Occurrence[] = [];
  const queue = new TaskQueue({
    config: { ...CONFIG, ...config },
    clock,
    ids: { hex: (digits) => String((fresh += 1)).padStart(digits, '0'), uuid: () => '' },
    events: { emit: (occurrence) => void occurrences.push(occurrence) },
  });
  const add = (input: JsonValue) => {
    const result = queue.enqueue({ input });
    return result.kind === 'queued' ? result.task_id : result.message;
  };
  return { clock, queue, occurrences, add };
}

function succeeding(status = 'success'): RunWorkflow {
  return async (input) => ({
    task_id: `engine-${JSON.stringify(input)}`,
    status,
    output: input,
    history: [],
    error: null,
  });
}

it('gives tasks out in the order they came, as many at once as may run', () => {
  const { queue, add } = createWorld({ max_concurrency: 2 });
  const ids = ['a', 'b', 'c'].map(add);
  expect(ids[0]).toBe('queued-task-000000000001');
  expect([queue.runNext()?.input, queue.runNext()?.input, queue.runNext()]).toEqual(['a', 'b', null]);
  expect(queue.markCompleted(ids[0]!, { engine_task_id: 't', status: 'success', output: 1 })).toBe(true);
  expect(queue.markCompleted(ids[0]!, { engine_task_id: 't', status: 'success', output: 1 })).toBe(false);
  expect(queue.runNext()?.input).toBe('c');
  expect([queue.queueSize, queue.runningCount, queue.completedCount]).toEqual([0, 2, 1]);
});

it('tells the state of every task as it changes', () => {
  const { queue, add } = createWorld();
  const id = add({ text: 'x' });
  const queued = {
    task_id: id,
    input: { text: 'x' },
    start_node_id: null,
    metadata: {},
    enqueued_at: '1970-01-01T00:00:00.001Z',
  };
  expect(queue.getTaskState(id)).toEqual({ ...queued, state: 'queued' });
  queue.runNext();
  const running = { ...queued, started_at: '1970-01-01T00:00:00.002Z' };
  expect(queue.getTaskState(id)).toEqual({ ...running, state: 'running' });
  queue.markCompleted(id, { engine_task_id: 'task-1', status: 'partial', output: null });
  expect(queue.getStatus()).toEqual({
    scheduler_enabled: true,
    max_concurrency: 1,
    queue_policy: 'fifo',
    max_queue_size: null,
    queue_size: 0,
    running_count: 0,
    completed_count: 1,
    tasks: {
      [id]: {
        ...running,
        state: 'completed',
        completed_at: '1970-01-01T00:00:00.003Z',
        engine_task_id: 'task-1',
        status: 'partial',
        output: null,
      },
    },
  });
  expect(queue.getTaskState('unknown')).toBeUndefined();
});

it('refuses more than may wait, and everything when disabled, and says what happens', () => {
  const { queue, add, occurrences } = createWorld({ max_queue_size: 1 });
  const id = add('a');
  expect(queue.enqueue({ input: 'b' })).toEqual({ kind: 'full', message: 'Queue full (limit: 1)' });
  queue.runNext();
  expect(occurrences.map(({ name, payload }) => [name, payload])).toEqual([
    ['task_queued', { queued_task_id: id, queue_size: 1 }],
    ['queue_full', { queue_size: 1, max_size: 1 }],
    ['task_dequeued', { queued_task_id: id, queue_size: 0 }],
  ]);
  expect(createWorld({ enabled: false }).queue.enqueue({ input: 1 })).toMatchObject({ kind: 'disabled' });
});

it('remembers the last thousand that ended', () => {
  const { queue, add } = createWorld();
  const ids = Array.from({ length: 1001 }, (_, index) => {
    const id = add(index);
    queue.runNext();
    queue.markCompleted(id, { engine_task_id: 't', status: 'success', output: null });
    return id;
  });
  expect(queue.completedCount).toBe(1000);
  expect([queue.getTaskState(ids[0]!), queue.getTaskState(ids[1]!)?.state]).toEqual([undefined, 'completed']);
});

it('runs everything to its end, whatever fails', async () => {
  const { queue, add, clock } = createWorld();
  const ids = ['ok', 'fails', 'throws', 'partial'].map(add);
  const run: RunWorkflow = async (input, startNodeId) => {
    if (input === 'throws') throw new RangeError('no such start');
    const result = await succeeding(input === 'partial' ? 'partial' : 'success')(input, startNodeId);
    return input === 'fails' ? { ...result, status: 'failure' } : result;
  };
  const results = await runQueued({ queue, run, clock });
  expect(
    results.map(({ task_id, engine_task_id, status, error }) => [
      task_id,
      engine_task_id,
      status,
      error?.message,
    ]),
  ).toEqual([
    [ids[0], 'engine-"ok"', 'success', undefined],
    [ids[1], 'engine-"fails"', 'failure', 'the run failed'],
    [ids[2], null, 'failure', 'no such start'],
    [ids[3], 'engine-"partial"', 'partial', undefined],
  ]);
  expect(ids.map((id) => queue.getTaskState(id)?.state)).toEqual([
    'completed',
    'failed',
    'failed',
    'completed',
  ]);
});

it.each([
  { max_concurrency: 1, toldBefore: [0, 1, 2] },
  // What ends before one that began earlier waits for it.
  { max_concurrency: 2, toldBefore: [0, 0, 0] },
])('tells each result as soon as those before it are there: %o', async ({ max_concurrency, toldBefore }) => {
  const { queue, add, clock } = createWorld({ max_concurrency });
  ['slow', 'quick', 'last'].forEach(add);
  const slow = Promise.withResolvers<void>();
  const [told, counts]: [unknown[], number[]] = [[], []];
  const run: RunWorkflow = async (input, startNodeId) => {
    counts.push(told.length);
    if (input === 'last' || max_concurrency === 1) slow.resolve();
    if (input === 'slow') await slow.promise;
    return succeeding()(input, startNodeId);
  };
  await runQueued({ queue, run, clock, onResult: ({ output }) => void told.push(output) });
  expect([told, counts]).toEqual([['slow', 'quick', 'last'], toldBefore]);
});

it('begins nothing once aborted, and finishes what runs', async () => {
  const { queue, add, clock } = createWorld({ max_concurrency: 2 });
  ['a', 'b', 'c'].forEach(add);
  const controller = new AbortController();
  const run: RunWorkflow = async (input, startNodeId) => {
    controller.abort();
    return succeeding()(input, startNodeId);
  };
  const results = await runQueued({ queue, run, clock, signal: controller.signal });
  expect(results.map((result) => result.output)).toEqual(['a']);
  expect(queue.getStatus()).toMatchObject({ queue_size: 2, running_count: 0, completed_count: 1 });
});

it('runs each task once, begun in order, never more at once than allowed, also those enqueued meanwhile', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 0, max: 8 }),
      fc.integer({ min: 0, max: 3 }),
      async (scheduler, max_concurrency, count, later) => {
        const { queue, add, clock } = createWorld({ max_concurrency });
        const begun: JsonValue[] = [];
        let [atOnce, most, toAdd] = [0, 0, later];
        for (let number = 0; number < count; number += 1) add(number);
        const run: RunWorkflow = async (input, startNodeId) => {
          begun.push(input);
          atOnce += 1;
          most = Math.max(most, atOnce);
          await scheduler.schedule(Promise.resolve());
          atOnce -= 1;
          if (toAdd > 0) add(count + later - (toAdd -= 1) - 1);
          return succeeding()(input, startNodeId);
        };
        const drained = runQueued({ queue, run, clock });
        await scheduler.waitFor(drained);
        const results = await drained;
        const total = count === 0 ? 0 : count + later;
        expect(begun).toEqual([...Array(total).keys()]);
        expect(results.map((result) => result.output)).toEqual(begun);
        expect(most).toBeLessThanOrEqual(max_concurrency);
        if (count >= max_concurrency) expect(most).toBe(max_concurrency);
        expect(queue.getStatus()).toMatchObject({ queue_size: 0, running_count: 0 });
      },
    ),
    { numRuns: 150 },
  );
});
