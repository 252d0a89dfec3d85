import { foldRecords, landedFeatures, MetricsSnapshotSchema, snapshotMetrics } from '@agentswarm/core';
import { expect, it } from 'vitest';
import {
  about,
  conflicted,
  dispatched,
  ejected,
  event,
  feature,
  finished,
  handedOff,
  landed,
  modelCalled,
  planned,
  recordsOf,
  resumed,
  sha,
  started,
  task,
  untilQueued,
} from './run-samples.ts';

const HOUR_MS = 3_600_000;

it('counts everything from the journal', () => {
  const state = foldRecords(
    recordsOf([
      started([feature('a'), feature('b'), feature('old', 'landed')]),
      event({ type: 'planning_started', round: 1, reason: 'start' }),
      planned([task('a'), task('b'), task('c', { features: [] })]),
      ...untilQueued('a.1'),
      conflicted('a.1'),
      ...untilQueued('a.2'),
      ejected('a.2'),
      ...untilQueued('a.3'),
      landed('a.3'),
      dispatched('b.1'),
      about('b.1', 'attempt_failed', { reason: 'timed_out', message: 'too long' }),
      dispatched('b.2'),
      handedOff('b.2'),
      about('b.2', 'attempt_refused', { files: ['x'], reason: 'scope' }),
      dispatched('b.3'),
      about('b.3', 'attempt_abandoned', { reason: 'stop' }),
      event({ type: 'task_failed', taskId: 'b', reason: 'r' }),
      event({ type: 'task_cancelled', taskId: 'c', reason: 'r' }),
      modelCalled('planner'),
      modelCalled('worker', { estimated: true }),
      modelCalled('worker', { ok: false, httpStatus: undefined, promptTokens: 0, completionTokens: 0 }),
      finished(),
    ]),
  );
  const metrics = snapshotMetrics(state);
  expect(MetricsSnapshotSchema.parse(metrics)).toEqual(metrics);
  expect(metrics).toEqual({
    wallMs: 30_000,
    tasks: { planned: 3, landed: 1, failed: 1, cancelled: 1, open: 0 },
    features: { total: 3, landed: 2 },
    attempts: {
      started: 6,
      handedOff: 4,
      landed: 1,
      conflicted: 1,
      ejected: 1,
      refused: 1,
      failed: 1,
      abandoned: 1,
    },
    landings: { count: 1, perHour: HOUR_MS / 30_000 },
    planningRounds: 1,
    model: {
      calls: 3,
      failedCalls: 1,
      promptTokens: 20,
      completionTokens: 10,
      estimatedCalls: 1,
      unpricedCalls: 2,
      byRole: {
        planner: { calls: 1, promptTokens: 10, completionTokens: 5, unpricedCalls: 1 },
        worker: { calls: 2, promptTokens: 10, completionTokens: 5, unpricedCalls: 1 },
      },
      byModel: { m: { calls: 3, promptTokens: 20, completionTokens: 10, unpricedCalls: 2 } },
      byEndpoint: { local: { calls: 3, promptTokens: 20, completionTokens: 10, unpricedCalls: 2 } },
      rerouted: [],
    },
  });
});

it('counts landings of tasks, not those of other users of the queue', () => {
  const other = { branch: 'docs', head: sha('b'), commit: sha('c'), main: sha('c') };
  const state = foldRecords(
    recordsOf([started(), event({ type: 'branch_landed', ticket: 'docs', ...other })]),
  );
  expect(state.landings).toHaveLength(1);
  expect(snapshotMetrics(state).landings.count).toBe(0);
});

it('is all zeros, not NaN, before anything happened', () => {
  const metrics = snapshotMetrics(foldRecords([]));
  expect(MetricsSnapshotSchema.parse(metrics)).toEqual(metrics);
  expect(metrics.landings).toEqual({ count: 0, perHour: 0 });
});

it('measures activity up to a given moment, without the time between a crash and its resume', () => {
  const running = foldRecords(recordsOf([started()]));
  expect(snapshotMetrics(running).wallMs).toBe(0);
  expect(snapshotMetrics(running, 5_000).wallMs).toBe(4_000);
  const again = foldRecords([
    ...recordsOf([started(), planned([])]),
    { seq: 3, atMs: HOUR_MS, event: resumed() },
  ]);
  expect(snapshotMetrics(again, HOUR_MS + 500).wallMs).toBe(1_500);
});

it('counts a feature as landed when every task of it is, or a later round made up for the lost ones', () => {
  const landedOf = (...events: Parameters<typeof recordsOf>[0]) => [
    ...landedFeatures(
      foldRecords(
        recordsOf([
          started([feature('a')]),
          planned([task('one', { features: ['a'] }), task('two', { features: ['a'] })]),
          ...events,
        ]),
      ),
    ),
  ];
  const cancel = (taskId: string) => event({ type: 'task_cancelled', taskId, reason: 'r' });
  const land = (id: string) => [...untilQueued(`${id}.1`), landed(`${id}.1`, sha('c'))];
  expect(landedOf(...land('one'))).toEqual([]);
  expect(landedOf(...land('one'), ...land('two'))).toEqual(['a']);
  expect(landedOf(...land('one'), cancel('two'))).toEqual([]);
  expect(landedOf(cancel('one'), cancel('two'))).toEqual([]);
  const fail = event({ type: 'task_failed', taskId: 'two', reason: 'r' });
  const again = planned([task('again', { features: ['a'] })], { round: 2 });
  expect(landedOf(...land('one'), fail, again)).toEqual([]);
  expect(landedOf(...land('one'), fail, again, ...land('again'))).toEqual(['a']);
  expect(landedOf(again, ...land('again'), ...land('one'), fail)).toEqual(['a']);
});
