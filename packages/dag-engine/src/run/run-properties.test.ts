import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { FailurePolicy } from '../scheduler/scheduling-options.ts';
import { createTaskGraph } from '../task-graph.ts';
import type { GraphEvent } from './graph-event.ts';
import { runGraph } from './run-graph.ts';

const RUNS = process.env['TEST_DEEP'] ? 50_000 : 1_500;

interface Scripted {
  readonly id: string;
  readonly dependsOn: readonly string[];
  readonly labels: readonly string[];
  /** Turns of the microtask queue a run takes; 0 is a result at once. */
  readonly turns: number;
  /** Attempts that fail before one goes well. */
  readonly failures: number;
  /** What it adds when it completes, and whom it skips. */
  readonly adds: readonly Scripted[];
  readonly skips: readonly string[];
}

const scripted = (id: string, before: readonly string[], later: readonly string[], depth: number) =>
  fc.record({
    id: fc.constant(id),
    dependsOn: fc.subarray([...before], { maxLength: Math.min(before.length, 3) }),
    labels: fc.subarray(['gpu', 'disk']),
    turns: fc.nat(4),
    failures: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(3) }),
    adds:
      depth === 0
        ? fc.constant<Scripted[]>([])
        : fc.oneof(
            { weight: 4, arbitrary: fc.constant<Scripted[]>([]) },
            { weight: 1, arbitrary: added(id, before) },
          ),
    skips: fc.oneof(
      { weight: 4, arbitrary: fc.constant<string[]>([]) },
      { weight: 1, arbitrary: fc.subarray([...later], { maxLength: Math.min(later.length, 1) }) },
    ),
  });

function added(parent: string, before: readonly string[]): fc.Arbitrary<Scripted[]> {
  return fc.tuple(
    scripted(`${parent}.a`, before, [], 0),
    scripted(`${parent}.b`, [...before, `${parent}.a`], [], 0),
  );
}

const graphs = fc.integer({ min: 1, max: 9 }).chain((size) => {
  const ids = Array.from({ length: size }, (_, index) => (index === 0 ? 'constructor' : `n${index}`));
  return fc.tuple(...ids.map((id, index) => scripted(id, ids.slice(0, index), ids.slice(index + 1), 1)));
});

const options = fc.record({
  onFailure: fc.constantFrom<FailurePolicy>('skip_dependents', 'continue', 'fail_fast'),
  concurrency: fc.integer({ min: 1, max: 4 }),
  limits: fc.record({ gpu: fc.integer({ min: 1, max: 2 }), disk: fc.constant(1) }),
  maxAttempts: fc.integer({ min: 1, max: 3 }),
});

type Options = typeof options extends fc.Arbitrary<infer Value> ? Value : never;

interface Script {
  readonly nodes: readonly Scripted[];
  readonly given: Options;
  /** What an earlier run kept. */
  readonly stored?: readonly string[];
  /** Aborted after so many events. */
  readonly abortAfter?: number;
}

/** Runs a script, watching from the inside what runs at the same time. */
async function perform({ nodes, given, stored = [], abortAfter = Infinity }: Script) {
  const kept = [...stored];
  const running = new Map<string, readonly string[]>();
  const controller = new AbortController();
  const failed = new Map<string, number>();
  for (const line of stored) {
    const event = JSON.parse(line) as GraphEvent;
    if (event.type === 'node_failed') failed.set(event.id, (failed.get(event.id) ?? 0) + 1);
  }
  const run = runGraph<Scripted, string>(createTaskGraph(nodes), {
    ...given,
    labelsOf: (node) => node.labels,
    signal: controller.signal,
    journal: {
      read: () => stored.map((line): unknown => JSON.parse(line)),
      append: (event) => kept.push(JSON.stringify(event)),
    },
    run: (node, context) => {
      if (running.has(node.id)) throw new Error('runs twice at a time');
      running.set(node.id, node.labels);
      const users = (label: string) =>
        [...running.values()].filter((labels) => labels.includes(label)).length;
      if (running.size > given.concurrency) expect(running.size).toBeLessThanOrEqual(given.concurrency);
      if (users('gpu') > given.limits.gpu) expect(users('gpu')).toBeLessThanOrEqual(given.limits.gpu);
      if (users('disk') > given.limits.disk) expect(users('disk')).toBeLessThanOrEqual(given.limits.disk);
      const end = () => {
        running.delete(node.id);
        const failures = failed.get(node.id) ?? 0;
        if (failures < node.failures) {
          failed.set(node.id, failures + 1);
          throw new Error('scripted');
        }
        if (node.adds.length > 0) context.add(node.adds);
        for (const id of node.skips) context.skip(id);
        return node.id.toUpperCase();
      };
      return node.turns === 0 ? end() : takeTurns(node.turns).then(end);
    },
  });
  const events: GraphEvent<string, Scripted>[] = [];
  for await (const event of run) {
    events.push(event);
    if (events.length === abortAfter) controller.abort();
  }
  expect(running.size).toBe(0);
  return { run, events, kept };
}

async function takeTurns(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
}

/** Follows the events with the plain rules: one life per node, dependencies first. */
function expectLegal(
  events: readonly GraphEvent<unknown, Scripted>[],
  nodes: readonly Scripted[],
  given: Options,
) {
  const dependsOn = new Map(nodes.map((node) => [node.id, node.dependsOn]));
  const state = new Map<string, string>();
  for (const event of events) {
    if (!('id' in event)) continue;
    const before = state.get(event.id) ?? 'pending';
    if (event.type === 'node_started') {
      if (before !== 'pending') expect([event.id, before]).toEqual([event.id, 'pending']);
      expectSettled(dependsOn.get(event.id) ?? [], state, given);
      state.set(event.id, 'running');
      continue;
    }
    const expected = event.type === 'node_skipped' ? 'pending' : 'running';
    if (before !== expected) expect([event.type, event.id, before]).toEqual([event.type, event.id, expected]);
    for (const node of grownBy(event)) dependsOn.set(node.id, node.dependsOn);
    state.set(event.id, after(event));
  }
  return state;
}

function grownBy(event: GraphEvent<unknown, Scripted>): readonly Scripted[] {
  return event.type === 'node_completed' ? (event.growth?.nodes ?? []) : [];
}

function expectSettled(ids: readonly string[], state: ReadonlyMap<string, string>, { onFailure }: Options) {
  const allowed = ['complete', 'skipped', ...(onFailure === 'continue' ? ['failed'] : [])];
  const ends = ids.map((id) => state.get(id) ?? 'pending');
  if (!ends.every((end) => allowed.includes(end))) expect(ends).toEqual(allowed);
}

function after(event: Extract<GraphEvent, { readonly id: string }>): string {
  if (event.type === 'node_skipped') return 'skipped';
  if (event.type === 'node_completed') return 'complete';
  return event.type === 'node_failed' && !event.willRetry ? 'failed' : 'pending';
}

function expectAllSettled(events: readonly GraphEvent[], given: Options): void {
  const last = events.at(-1);
  if (last?.type !== 'run_finished') throw new Error('the run did not finish');
  expect(last.counts.running).toBe(0);
  if (given.onFailure !== 'fail_fast' || last.counts.failed === 0) expect(last.counts.pending).toBe(0);
}

it('keeps every rule whatever fails, grows or is skipped, and repeats itself', async () => {
  await fc.assert(
    fc.asyncProperty(graphs, options, async (nodes, given) => {
      const { run, events, kept } = await perform({ nodes, given });
      for (const [id, end] of expectLegal(events, nodes, given)) {
        if (run.statusOf(id) !== end) expect(run.statusOf(id)).toBe(end);
      }
      expectAllSettled(events, given);
      expect((await perform({ nodes, given })).kept).toEqual(kept);
    }),
    { numRuns: RUNS },
  );
});

it('goes on from any point of its history, and does nothing twice that was kept', async () => {
  await fc.assert(
    fc.asyncProperty(graphs, options, fc.nat(), async (nodes, given, cut) => {
      const whole = await perform({ nodes, given });
      const stored = whole.kept.slice(0, cut % (whole.kept.length + 1));
      const { kept, events, run } = await perform({ nodes, given, stored });
      expect(kept.slice(0, stored.length)).toEqual(stored);
      const settled = new Set(
        stored
          .map((line) => JSON.parse(line) as GraphEvent)
          .flatMap((event) =>
            event.type === 'node_completed' || (event.type === 'node_failed' && !event.willRetry)
              ? [event.id]
              : [],
          ),
      );
      for (const event of events) {
        if (event.type === 'node_started' && settled.has(event.id))
          expect(event.id).toBe('not started again');
      }
      for (const id of settled)
        if (run.statusOf(id) === 'complete') expect(run.resultOf(id)).toBe(id.toUpperCase());
      expectAllSettled(events, given);
    }),
    { numRuns: RUNS },
  );
});

it('ends cleanly when it is aborted at any event, and the rest is done later', async () => {
  await fc.assert(
    fc.asyncProperty(graphs, options, fc.integer({ min: 1, max: 30 }), async (nodes, given, abortAfter) => {
      const first = await perform({ nodes, given, abortAfter });
      expectLegal(first.events, nodes, given);
      expect(first.events.at(-1)?.type).toBe('run_finished');
      const second = await perform({ nodes, given, stored: first.kept });
      expectAllSettled(second.events, given);
      expectLegal(
        second.kept.map((line) => JSON.parse(line) as GraphEvent<string, Scripted>),
        nodes,
        given,
      );
    }),
    { numRuns: RUNS },
  );
});
