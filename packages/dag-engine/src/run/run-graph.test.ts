import { expect, it } from 'vitest';
import { createTaskGraph } from '../task-graph.ts';
import type { TaskNode } from '../task-node.ts';
import type { GraphEvent } from './graph-event.ts';
import type { GraphJournal } from './graph-journal.ts';
import { runGraph } from './run-graph.ts';

const diamond = [
  { id: 'core', cost: 1 },
  { id: 'ui', dependsOn: ['core'], cost: 2 },
  { id: 'api', dependsOn: ['core'], cost: 3 },
  { id: 'app', dependsOn: ['ui', 'api'], cost: 4 },
];

async function collect<Event>(run: AsyncIterable<Event>): Promise<Event[]> {
  const events: Event[] = [];
  for await (const event of run) events.push(event);
  return events;
}

/** Events as short text: `started core`. */
function brief(events: readonly GraphEvent[]): string[] {
  return events.map((event) => `${event.type.replace('node_', '')}${'id' in event ? ` ${event.id}` : ''}`);
}

function arrayJournal(stored: string[] = []) {
  const journal: GraphJournal = {
    read: () => stored.map((line): unknown => JSON.parse(line)),
    append: (event) => stored.push(JSON.stringify(event)),
  };
  return { stored, journal };
}

it('runs each node after those it depends on, and tells of it', async () => {
  const graph = createTaskGraph(diamond);
  const run = runGraph<(typeof diamond)[number], number>(graph, {
    run: async ({ cost, dependsOn = [] }, { resultOf }) =>
      cost + dependsOn.reduce((sum, id) => sum + (resultOf(id) ?? 0), 0),
    weightOf: (node) => node.cost,
  });
  expect(await collect(run)).toEqual([
    { type: 'run_started', nodes: 4, settled: 0 },
    { type: 'node_started', id: 'core', attempt: 1 },
    { type: 'node_completed', id: 'core', attempt: 1, result: 1 },
    { type: 'node_started', id: 'api', attempt: 1 },
    { type: 'node_started', id: 'ui', attempt: 1 },
    { type: 'node_completed', id: 'api', attempt: 1, result: 4 },
    { type: 'node_completed', id: 'ui', attempt: 1, result: 3 },
    { type: 'node_started', id: 'app', attempt: 1 },
    { type: 'node_completed', id: 'app', attempt: 1, result: 11 },
    {
      type: 'run_finished',
      outcome: 'complete',
      counts: { pending: 0, running: 0, complete: 4, failed: 0, skipped: 0 },
    },
  ]);
  expect([run.resultOf('app'), run.statusOf('app')]).toEqual([11, 'complete']);
});

it('takes results that are there at once, in a chain of any length', async () => {
  const LENGTH = 100_000;
  const chain = Array.from({ length: LENGTH }, (_, index) => ({
    id: `n${index}`,
    dependsOn: index === 0 ? [] : [`n${index - 1}`],
  }));
  const run = runGraph<TaskNode, number>(createTaskGraph(chain), {
    run: ({ dependsOn = [] }, { resultOf }) => (resultOf(dependsOn[0] ?? 'n0') ?? 0) + 1,
  });
  let last: GraphEvent | undefined;
  for await (const event of run) last = event;
  expect(last).toMatchObject({ type: 'run_finished', outcome: 'complete' });
  expect(run.resultOf(`n${LENGTH - 1}`)).toBe(LENGTH);
});

it('tries a failing node again, and skips what depends on it when its attempts are used up', async () => {
  const run = runGraph(createTaskGraph(diamond), {
    run: async ({ id }, { attempt }) => {
      if (id === 'api' || (id === 'core' && attempt === 1)) throw new TypeError(`no ${id}`);
    },
    maxAttempts: 2,
    concurrency: 1,
  });
  const events = await collect(run);
  expect(brief(events)).toEqual([
    'run_started',
    'started core',
    'failed core',
    'started core',
    'completed core',
    'started ui',
    'completed ui',
    'started api',
    'failed api',
    'started api',
    'failed api',
    'skipped app',
    'run_finished',
  ]);
  expect(events[2]).toMatchObject({
    willRetry: true,
    error: { code: 'UNKNOWN', message: 'no core', cause: expect.any(TypeError) },
  });
  expect(events[11]).toEqual({ type: 'node_skipped', id: 'app', because: 'api' });
  expect(events[12]).toMatchObject({ outcome: 'failed', counts: { complete: 2, failed: 1, skipped: 1 } });
});

it('aborts what runs when one fails fast', async () => {
  const nodes = [{ id: 'bad' }, { id: 'long' }, { id: 'next' }];
  const run = runGraph(createTaskGraph(nodes), {
    onFailure: 'fail_fast',
    concurrency: 2,
    run: async ({ id }, { signal }) => {
      if (id === 'bad') throw new Error('bad');
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
    },
  });
  const events = await collect(run);
  expect(brief(events).slice(3)).toEqual(['failed bad', 'interrupted long', 'run_finished']);
  expect(events.at(-1)).toMatchObject({ outcome: 'failed', counts: { pending: 2, failed: 1 } });
});

it('ends when the signal aborts, after what runs has ended', async () => {
  const controller = new AbortController();
  let running = 0;
  const run = runGraph(createTaskGraph(diamond), {
    signal: controller.signal,
    run: async ({ id }, { signal }) => {
      if (id === 'core') return;
      running += 1;
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => setTimeout(resolve, 5)));
      running -= 1;
      if (id === 'ui') throw new Error('gave up');
    },
  });
  const events: GraphEvent[] = [];
  for await (const event of run) {
    events.push(event);
    if (event.type === 'node_started' && event.id === 'api') controller.abort();
  }
  expect(running).toBe(0);
  expect(brief(events).slice(5)).toEqual(['interrupted ui', 'completed api', 'run_finished']);
  expect(events.at(-1)).toMatchObject({ outcome: 'cancelled', counts: { pending: 2, running: 0 } });
});

it('starts nothing when the signal has aborted before', async () => {
  const run = runGraph(createTaskGraph(diamond), { signal: AbortSignal.abort(), run: () => 0 });
  expect(brief(await collect(run))).toEqual(['run_started', 'run_finished']);
});

it('leaves nothing running when the reader leaves', async () => {
  let running = 0;
  const run = runGraph(createTaskGraph(diamond), {
    run: async (_, { signal }) => {
      running += 1;
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      running -= 1;
    },
  });
  for await (const event of run) if (event.type === 'node_started') break;
  expect(running).toBe(0);
  expect(run.statusOf('app')).toBe('pending');
});

it('starts when it is iterated, once', async () => {
  let started = 0;
  const run = runGraph(createTaskGraph(diamond), { run: () => (started += 1) });
  expect(started).toBe(0);
  await collect(run);
  expect(started).toBe(4);
  await expect(collect(run)).rejects.toMatchObject({ code: 'RUN_STARTED_TWICE' });
});

it('runs to the end without anybody hearing of it', async () => {
  const { stored, journal } = arrayJournal();
  const run = runGraph(createTaskGraph(diamond), { journal, run: async ({ id }) => id });
  const end = { type: 'run_finished', outcome: 'complete', counts: expect.objectContaining({ complete: 4 }) };
  expect(await run.finished()).toEqual(end);
  expect(stored).toHaveLength(10);
  await expect(run.finished()).rejects.toMatchObject({ code: 'RUN_STARTED_TWICE' });
});

it('finishes a graph without nodes', async () => {
  expect(brief(await collect(runGraph(createTaskGraph([]), { run: () => 0 })))).toEqual([
    'run_started',
    'run_finished',
  ]);
});

it('lets nodes add nodes and edges, and skip the branch not taken', async () => {
  const nodes: TaskNode[] = [
    { id: 'plan' },
    { id: 'left', dependsOn: ['plan'] },
    { id: 'right', dependsOn: ['plan'] },
    { id: 'only-left', dependsOn: ['left'] },
    { id: 'join', dependsOn: ['left', 'right'] },
  ];
  const run = runGraph(createTaskGraph(nodes), {
    run: ({ id }, context) => {
      if (id !== 'plan') return;
      context.skip('left');
      context.add([{ id: 'extra', dependsOn: ['right'] }], [{ id: 'join', dependsOn: ['extra'] }]);
    },
  });
  const events = await collect(run);
  expect(events[2]).toEqual({
    type: 'node_completed',
    id: 'plan',
    attempt: 1,
    result: undefined,
    growth: {
      nodes: [{ id: 'extra', dependsOn: ['right'] }],
      dependencies: [{ id: 'join', dependsOn: ['extra'] }],
    },
    skips: ['left'],
  });
  expect(brief(events).slice(3, -1)).toEqual([
    'skipped left',
    'skipped only-left',
    'started right',
    'completed right',
    'started extra',
    'completed extra',
    'started join',
    'completed join',
  ]);
});

it('fails a node whose growth makes no sense, and adds nothing', async () => {
  const run = runGraph(createTaskGraph(diamond), {
    run: ({ id }, context) => {
      if (id === 'core')
        context.add([{ id: 'x', dependsOn: ['app'], cost: 1 }], [{ id: 'ui', dependsOn: ['x'] }]);
    },
  });
  const events = await collect(run);
  expect(events[2]).toMatchObject({ type: 'node_failed', error: { code: 'GRAPH_INVALID' } });
  expect(events[2]).toMatchObject({ error: { message: expect.stringContaining('x → app → ui → x') } });
  expect(() => run.statusOf('x')).toThrow(expect.objectContaining({ code: 'NODE_UNKNOWN' }));
});

it.each(['priorityOf', 'labelsOf', 'weightOf'])(
  'adds nothing when %s throws for what is added',
  async (name) => {
    const options = {
      limits: { any: 1 },
      [name]: ({ id }: TaskNode) => {
        if (id === 'x') throw new RangeError('what is x?');
        return name === 'labelsOf' ? [] : 1;
      },
    };
    const run = runGraph<TaskNode, void>(createTaskGraph(diamond), {
      ...options,
      run: ({ id }, { add, attempt }) => {
        if (id === 'core' && attempt === 1) add([{ id: 'x' }]);
      },
      maxAttempts: 2,
    });
    const events = await collect(run);
    expect(events[2]).toMatchObject({ type: 'node_failed', id: 'core', error: { message: 'what is x?' } });
    expect(events.at(-1)).toMatchObject({ outcome: 'complete', counts: { complete: 4, pending: 0 } });
  },
);

it('reports whatever is thrown', async () => {
  const thrown: unknown[] = ['text', undefined, Object.create(null), Symbol('s'), { message: 'm' }];
  const nodes = thrown.map((_, index) => ({ id: `n${index}`, index }));
  const run = runGraph(createTaskGraph(nodes), {
    run: ({ index }) => {
      throw thrown[index];
    },
  });
  const failures = (await collect(run)).filter((event) => event.type === 'node_failed');
  expect(failures.map((event) => event.error.cause)).toEqual(thrown);
});

it('goes on where a run with the same journal ended', async () => {
  const { stored, journal } = arrayJournal();
  const controller = new AbortController();
  const ran: string[] = [];
  const options = {
    journal,
    run: ({ id }: TaskNode) => {
      ran.push(id);
      if (id === 'ui') controller.abort();
      return id.toUpperCase();
    },
  };
  const first = runGraph(createTaskGraph(diamond), { ...options, concurrency: 1, signal: controller.signal });
  expect(await collect(first)).toEqual(stored.map((line): unknown => JSON.parse(line)));
  expect(ran).toEqual(['core', 'ui']);
  const second = runGraph(createTaskGraph(diamond), options);
  expect((await collect(second))[0]).toEqual({ type: 'run_started', nodes: 4, settled: 2 });
  expect(ran).toEqual(['core', 'ui', 'api', 'app']);
  expect(second.resultOf('core')).toBe('CORE');
});

it('goes on after nodes that gave nothing', async () => {
  const { journal } = arrayJournal();
  const graph = createTaskGraph(diamond);
  const ran: string[] = [];
  const options = { journal, run: ({ id }: TaskNode) => void ran.push(id) };
  await runGraph(graph, options).finished();
  const again = runGraph(graph, options);
  expect(await again.finished()).toMatchObject({ outcome: 'complete' });
  expect([ran.length, again.resultOf('app')]).toEqual([4, undefined]);
});

it.each([
  [
    'isRetryable',
    {
      isRetryable: (): never => {
        throw new RangeError('broken');
      },
    },
  ],
  [
    'maxAttempts',
    {
      maxAttempts: (): never => {
        throw new RangeError('broken');
      },
    },
  ],
])('ends, and throws, when %s does', async (_, options) => {
  const run = () => Promise.reject(new TypeError('no'));
  await expect(runGraph(createTaskGraph(diamond), { run, ...options }).finished()).rejects.toThrow('broken');
});

it('stops, and throws, when the journal fails, after what ran has ended', async () => {
  const error = new Error('disk full');
  let appended = 0;
  let ended = 0;
  const journal: GraphJournal = {
    read: () => [],
    append: () => {
      appended += 1;
      if (appended === 6) throw error;
    },
  };
  const run = runGraph(createTaskGraph(diamond), {
    journal,
    run: async (_, { signal }) => {
      await new Promise<void>((resolve) => setTimeout(resolve, 1));
      ended += 1;
      return signal.aborted;
    },
  });
  await expect(collect(run)).rejects.toBe(error);
  expect([ended, run.statusOf('ui'), run.statusOf('api')]).toEqual([3, 'complete', 'pending']);
});

it.each([
  ['another graph', '{"type":"node_started","id":"gone","attempt":1}'],
  ['an impossible order', '{"type":"node_completed","id":"core","attempt":1}'],
  ['something else', '{"type":"hello"}'],
])('refuses the journal of %s', (_, line) => {
  const { journal } = arrayJournal([line]);
  expect(() => runGraph(createTaskGraph(diamond), { journal, run: () => 0 })).toThrow(
    expect.objectContaining({ code: 'JOURNAL_MISMATCH' }),
  );
});

it.each([{ concurrency: 0 }, { maxAttempts: 1.5 }, { retryBudget: -1 }, { limits: { gpu: 0 } }])(
  'refuses the options %j',
  (options) => {
    expect(() => runGraph(createTaskGraph(diamond), { ...options, run: () => 0 })).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }),
    );
  },
);
