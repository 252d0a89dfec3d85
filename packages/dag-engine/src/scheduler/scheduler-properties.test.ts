import fc from 'fast-check';
import { expect, it } from 'vitest';
import { GraphError } from '../graph-error.ts';
import type { NodeStatus } from '../node-status.ts';
import { createTaskGraph } from '../task-graph.ts';
import { createScheduler } from './scheduler.ts';
import type { FailurePolicy } from './scheduling-options.ts';

const RUNS = process.env['TEST_DEEP'] ? 50_000 : 3_000;
const MAX_NODES = 10;
const LABELS = ['gpu', 'disk', 'free'];

interface Made {
  readonly id: string;
  readonly dependsOn: readonly string[];
  readonly priority: number;
  readonly labels: readonly string[];
}

const made = (index: number, below: number) =>
  fc.record({
    id: fc.constant(index === 0 ? '__proto__' : `n${index}`),
    dependsOn: fc
      .uniqueArray(fc.nat(Math.max(below - 1, 0)), { maxLength: below === 0 ? 0 : 3 })
      .map((list) => list.map((number) => (number === 0 ? '__proto__' : `n${number}`))),
    priority: fc.nat(2),
    labels: fc.subarray(LABELS),
  });

const dag = fc
  .integer({ min: 1, max: MAX_NODES })
  .chain((size) => fc.tuple(...Array.from({ length: size }, (_, index) => made(index, index))));

const step = fc.record({
  kind: fc.constantFrom('complete', 'complete', 'complete', 'fail', 'put_back', 'skip', 'grow', 'connect'),
  pick: fc.nat(),
  other: fc.nat(),
  node: fc.nat(MAX_NODES).chain((below) => made(0, Math.min(below, 3))),
});

const options = fc.record({
  onFailure: fc.constantFrom<FailurePolicy>('skip_dependents', 'continue', 'fail_fast'),
  concurrency: fc.integer({ min: 1, max: 4 }),
  limits: fc.record({ gpu: fc.integer({ min: 1, max: 2 }), disk: fc.constant(1) }),
  maxAttempts: fc.integer({ min: 1, max: 3 }),
  retryBudget: fc.nat(4),
});

type Options = typeof options extends fc.Arbitrary<infer Value> ? Value : never;
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** The same rules the slow and obvious way: everything is found out anew after every step. */
class Model {
  readonly nodes = new Map<string, { readonly made: Made; readonly dependsOn: Set<string> }>();
  readonly status = new Map<string, NodeStatus>();
  readonly lost = new Set<string>();
  readonly failures = new Map<string, number>();
  readonly #options: Options;
  retries = 0;
  stopped = false;

  constructor(nodes: readonly Made[], given: Options) {
    this.#options = given;
    for (const node of nodes) this.add(node);
  }

  add(node: Made): void {
    this.nodes.set(node.id, { made: node, dependsOn: new Set(node.dependsOn) });
    this.status.set(node.id, 'pending');
  }

  is(id: string, status: NodeStatus): boolean {
    return this.status.get(id) === status;
  }

  all(status: NodeStatus): string[] {
    return [...this.nodes.keys()].filter((id) => this.is(id, status));
  }

  isSatisfying(id: string): boolean {
    return this.is(id, 'complete') || (this.is(id, 'failed') && this.#options.onFailure === 'continue');
  }

  isSettled(id: string): boolean {
    return !this.is(id, 'pending') && !this.is(id, 'running');
  }

  isReady(id: string): boolean {
    return (
      this.is(id, 'pending') && [...this.nodes.get(id)!.dependsOn].every((other) => this.isSettled(other))
    );
  }

  fail(id: string): boolean {
    const failures = (this.failures.get(id) ?? 0) + 1;
    const { maxAttempts, retryBudget } = this.#options;
    const isBehindLoss = [...this.nodes.get(id)!.dependsOn].some((other) => this.lost.has(other));
    const hasBudget = failures < maxAttempts && this.retries < retryBudget;
    const willRetry = !this.stopped && hasBudget && !isBehindLoss;
    if (willRetry) {
      this.failures.set(id, failures);
      this.retries += 1;
    }
    this.status.set(id, willRetry ? 'pending' : 'failed');
    if (!willRetry && this.#options.onFailure !== 'continue') this.lost.add(id);
    if (!willRetry && this.#options.onFailure === 'fail_fast') this.stopped = true;
    return willRetry;
  }

  /** Skips what can no longer run, until nothing changes. */
  spread(): string[] {
    const skipped: string[] = [];
    for (let changed = true; changed;) {
      changed = false;
      for (const [id, { dependsOn }] of this.nodes) {
        const others = [...dependsOn];
        const isLost = others.some((other) => this.lost.has(other));
        const isUntaken =
          others.length > 0 &&
          others.every((other) => this.isSettled(other)) &&
          !others.some((other) => this.isSatisfying(other));
        if (isLost && this.is(id, 'skipped') && !this.lost.has(id)) {
          this.lost.add(id);
          changed = true;
        }
        if (!this.is(id, 'pending') || (!isLost && !isUntaken)) continue;
        this.status.set(id, 'skipped');
        if (isLost) this.lost.add(id);
        skipped.push(id);
        changed = true;
      }
    }
    return skipped;
  }

  used(label: string): number {
    return this.all('running').filter((id) => this.nodes.get(id)!.made.labels.includes(label)).length;
  }

  hasRoom(id: string): boolean {
    const limits: Readonly<Record<string, number>> = this.#options.limits;
    const { labels } = this.nodes.get(id)!.made;
    return labels.every((label) => this.used(label) < (limits[label] ?? Infinity));
  }

  startable(): string[] {
    if (this.stopped || this.all('running').length >= this.#options.concurrency) return [];
    return [...this.nodes.keys()].filter((id) => this.isReady(id) && this.hasRoom(id));
  }

  reaches(from: string, to: string): boolean {
    return from === to || [...this.nodes.get(from)!.dependsOn].some((next) => this.reaches(next, to));
  }
}

function create(nodes: readonly Made[], given: Options) {
  const schedulingOptions = {
    ...given,
    priorityOf: (node: Made) => node.priority,
    labelsOf: (node: Made) => node.labels,
  };
  return {
    model: new Model(nodes, given),
    scheduler: createScheduler(createTaskGraph(nodes), schedulingOptions),
    schedulingOptions,
  };
}

type Pair = ReturnType<typeof create>;

function startAll({ model, scheduler }: Pair, trace: string[]): void {
  for (;;) {
    const startable = model.startable();
    const node = scheduler.start();
    if (node === undefined) {
      if (startable.length > 0) expect(startable).toEqual([]);
      return;
    }
    if (!startable.includes(node.id)) expect(startable).toContain(node.id);
    const urgent = Math.min(...startable.map((id) => model.nodes.get(id)!.made.priority));
    if (node.priority !== urgent) expect(node.priority).toBe(urgent);
    model.status.set(node.id, 'running');
    trace.push(`start ${node.id}`);
  }
}

function chosen(ids: readonly string[], pick: number): string | undefined {
  return ids[pick % Math.max(ids.length, 1)];
}

function grow(pair: Pair, { node, pick }: Step): readonly string[] {
  const id = `g${pair.model.nodes.size}`;
  const known = [...pair.model.nodes.keys()];
  const dependsOn = node.dependsOn.map((_, index) => known[(pick + index) % known.length]!);
  const added = { ...node, id, dependsOn: [...new Set(dependsOn)] };
  pair.model.add(added);
  return pair.scheduler.add([added]).map((skip) => skip.id);
}

function connect({ model, scheduler }: Pair, { pick, other }: Step): readonly string[] {
  const id = chosen(model.all('pending'), pick);
  const dependency = chosen([...model.nodes.keys()], other);
  if (id === undefined || dependency === undefined) return [];
  const attempt = () => scheduler.add([], [{ id, dependsOn: [dependency] }]);
  if (model.reaches(dependency, id)) {
    expect(attempt).toThrow(GraphError);
    return [];
  }
  model.nodes.get(id)!.dependsOn.add(dependency);
  return attempt().map((skip) => skip.id);
}

function apply(pair: Pair, next: Step, trace: string[]): readonly string[] {
  const { model, scheduler } = pair;
  if (next.kind === 'grow') return grow(pair, next);
  if (next.kind === 'connect') return connect(pair, next);
  const id = chosen(model.all(next.kind === 'skip' ? 'pending' : 'running'), next.pick);
  if (id === undefined) return [];
  trace.push(`${next.kind} ${id}`);
  switch (next.kind) {
    case 'complete':
      model.status.set(id, 'complete');
      scheduler.complete(id);
      return [];
    case 'fail': {
      const result = scheduler.fail(id);
      expect(result.willRetry).toBe(model.fail(id));
      return result.skipped.map((skip) => skip.id);
    }
    case 'put_back':
      model.status.set(id, 'pending');
      return scheduler.putBack(id).map((skip) => skip.id);
    case 'skip':
      model.status.set(id, 'skipped');
      return scheduler.skip(id).map((skip) => skip.id);
  }
}

function expectAgreement({ model, scheduler }: Pair): void {
  // An expectation for each node and step would take most of the time.
  for (const [id, status] of model.status) {
    if (scheduler.statusOf(id) !== status) expect([id, scheduler.statusOf(id)]).toEqual([id, status]);
  }
}

/** Drives scheduler and model through the same steps, then to the end. */
function drive(nodes: readonly Made[], given: Options, steps: readonly Step[]): string[] {
  const pair = create(nodes, given);
  const trace: string[] = [];
  startAll(pair, trace);
  for (const next of steps) {
    const skipped = apply(pair, next, trace);
    const expected = pair.model.spread();
    if (skipped.length + expected.length > 0) expect([...skipped].toSorted()).toEqual(expected.toSorted());
    startAll(pair, trace);
    expectAgreement(pair);
  }
  const { model, scheduler } = pair;
  for (let running = model.all('running'); running.length > 0; running = model.all('running')) {
    scheduler.complete(running[0]!);
    model.status.set(running[0]!, 'complete');
    startAll(pair, trace);
    expectAgreement(pair);
  }
  expect(scheduler.isFinished).toBe(true);
  expect(scheduler.counts.running).toBe(0);
  if (!model.stopped) expect(scheduler.counts.pending).toBe(0);
  return trace;
}

it('agrees with a model that rescans everything, never deadlocks, keeps every limit, and repeats itself', () => {
  fc.assert(
    fc.property(dag, options, fc.array(step, { maxLength: 24 }), (nodes, given, steps) => {
      expect(drive(nodes, given, steps)).toEqual(drive(nodes, given, steps));
    }),
    { numRuns: RUNS },
  );
});

it('goes on from any statuses as if it had come there by itself', () => {
  fc.assert(
    fc.property(dag, options, fc.array(step, { maxLength: 12 }), (nodes, given, steps) => {
      const pair = create(nodes, given);
      startAll(pair, []);
      for (const next of steps) {
        if (next.kind === 'grow' || next.kind === 'connect') continue;
        apply(pair, next, []);
        pair.model.spread();
        startAll(pair, []);
      }
      const graph = createTaskGraph(nodes);
      const statuses = new Map(nodes.map(({ id }) => [id, pair.scheduler.statusOf(id)]));
      const second = createScheduler(graph, { ...pair.schedulingOptions, statuses });
      const resumed = { ...pair, scheduler: second };
      startAll(resumed, []);
      expectAgreement(resumed);
    }),
    { numRuns: RUNS / 3 },
  );
});
