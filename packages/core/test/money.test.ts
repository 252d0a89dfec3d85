import { foldRecords, MetricsSnapshotSchema, snapshotMetrics, type RunEvent } from '@agentswarm/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  event,
  exhausted,
  modelCalled,
  recordsOf,
  reserved,
  resumed,
  settled,
  started,
} from './run-samples.ts';

const fold = (...events: RunEvent[]) => foldRecords(recordsOf([started(), ...events]));
const metricsOf = (...events: RunEvent[]) => {
  const metrics = snapshotMetrics(fold(...events));
  expect(MetricsSnapshotSchema.parse(metrics)).toEqual(metrics);
  return metrics;
};

describe('what calls cost', () => {
  it('is summed by role, model and endpoint, and calls without a price are counted', () => {
    const { model } = metricsOf(
      modelCalled('planner', { costUsd: 0.1, endpoint: 'own', model: 'big' }),
      modelCalled('worker', { costUsd: 0.2, endpoint: 'rented' }),
      modelCalled('worker', { endpoint: 'rented' }),
    );
    expect(model).toMatchObject({ costUsd: 0.3, unpricedCalls: 1 });
    expect(model.byRole['worker']).toMatchObject({ calls: 2, costUsd: 0.2, unpricedCalls: 1 });
    expect(model.byModel['big']).toMatchObject({ calls: 1, costUsd: 0.1, unpricedCalls: 0 });
    expect(model.byEndpoint['rented']).toMatchObject({ calls: 2, costUsd: 0.2, unpricedCalls: 1 });
  });

  it('is unknown, not nothing, while no call has a price; a call that used nothing needs none', () => {
    const refused = { ok: false, promptTokens: 0, completionTokens: 0 };
    const { model } = metricsOf(modelCalled('worker'), modelCalled('worker', refused));
    expect(model).toMatchObject({ calls: 2, unpricedCalls: 1 });
    expect(model).not.toHaveProperty('costUsd');
  });

  it('counts the calls that went elsewhere than they would rather have gone, by reason', () => {
    const to = (endpoint: string, route: object) => modelCalled('worker', { endpoint, route });
    const saturated = to('rented', { reason: 'overflow', detail: 'saturated' });
    const { model } = metricsOf(
      to('own', { reason: 'preferred' }),
      to('own', { reason: 'affinity' }),
      saturated,
      saturated,
      to('rented', { reason: 'overflow', detail: 'outage' }),
      to('own', { reason: 'failover' }),
    );
    expect(model.rerouted).toEqual([
      { endpoint: 'rented', reason: 'overflow', detail: 'saturated', calls: 2 },
      { endpoint: 'rented', reason: 'overflow', detail: 'outage', calls: 1 },
      { endpoint: 'own', reason: 'failover', calls: 1 },
    ]);
  });
});

describe("the budget's book", () => {
  it('counts reservations in full until they are settled, also those of a dead process', () => {
    const { budget } = metricsOf(
      event({ type: 'budget_policy_set', policy: { run: { usd: 5 } } }),
      reserved('c-1', { nanoUsd: 300_000_000, tokens: 300 }),
      reserved('c-2', { nanoUsd: 200_000_000, tokens: 200 }),
      settled('c-1', { nanoUsd: 100_000_000, tokens: 100 }),
      reserved('c-3', { nanoUsd: 1_500_000_000, tokens: 0, provider: 'rented' }),
      settled('c-3', { nanoUsd: 1_500_000_000, tokens: 0 }),
      resumed(),
    );
    expect(budget).toEqual({
      spent: { usd: 1.8, tokens: 300 },
      openReservations: 1,
      byProvider: { local: { usd: 0.3, tokens: 300 }, rented: { usd: 1.5, tokens: 0 } },
      policy: { run: { usd: 5 } },
    });
  });

  it('is the sum of what settled at any order, whatever was reserved', () => {
    const nanoUsd = fc.integer({ min: 0, max: 2_000_000_000 });
    const calls = fc.array(fc.record({ most: nanoUsd, actual: nanoUsd, at: fc.nat(1000) }), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(calls, (given) => {
        const reservations = given.map(({ most }, index) =>
          reserved(`c-${index}`, { nanoUsd: most, tokens: 1 }),
        );
        const settlements = given
          .map(({ actual, at }, index) => ({
            at,
            event: settled(`c-${index}`, { nanoUsd: actual, tokens: 2 }),
          }))
          .toSorted((a, b) => a.at - b.at)
          .map((one) => one.event);
        const { spend } = fold(...reservations, ...settlements);
        const sum = given.reduce((before, { actual }) => before + actual, 0);
        expect(spend.total).toEqual({ nanoUsd: sum, tokens: 2 * given.length });
        expect(spend.open.size).toBe(0);
      }),
    );
  });

  it('settles once', () => {
    const { spend } = fold(
      reserved('c-1', { nanoUsd: 300, tokens: 300 }),
      settled('c-1', { nanoUsd: 100, tokens: 100 }),
      settled('c-1', { nanoUsd: 900, tokens: 900 }),
      settled('unknown', { nanoUsd: 900, tokens: 900 }),
    );
    expect(spend.total).toEqual({ nanoUsd: 100, tokens: 100 });
  });
});

describe('a bound that is reached', () => {
  const of = { taskId: 'a', attemptId: 'a.1' };
  const raised = event({ type: 'budget_policy_set', policy: { run: { usd: 7.5 } } });

  it('ends the run until its bounds change, and a resume alone does not change them', () => {
    const first = exhausted({ scope: 'run', message: 'first' });
    const { spend } = fold(first, exhausted({ scope: 'provider', scopeId: 'own' }), resumed());
    expect(spend.exhausted).toEqual(first);
    expect(fold(first, raised).spend).not.toHaveProperty('exhausted');
  });

  it('of one provider leaves the others; when none is left the run must end', () => {
    const endpoints = ['own', 'rented'].map((name) => ({ name, model: 'm', ownedBy: 'x' }));
    const start = { ...started(), endpoints } as RunEvent;
    const of = (scopeId: string) => exhausted({ scope: 'provider', scopeId });
    const spendOf = (...events: RunEvent[]) => foldRecords(recordsOf([start, ...events])).spend;
    expect(spendOf(of('own'), of('own'))).not.toHaveProperty('exhausted');
    expect(spendOf(of('own'), of('rented')).exhausted).toEqual(of('rented'));
    expect(spendOf(of('own'), raised, of('rented'))).not.toHaveProperty('exhausted');
  });

  it('of every provider that answered holds until another answers at a resume', () => {
    const used = exhausted({ scope: 'provider', scopeId: 'local' });
    expect(fold(used).spend.exhausted).toEqual(used);
    const again = (...names: string[]) =>
      ({ ...resumed(), endpoints: names.map((name) => ({ name, model: 'm', ownedBy: 'x' })) }) as RunEvent;
    expect(fold(used, again('local')).spend.exhausted).toEqual(used);
    const { spend } = fold(used, again('local', 'rented'));
    expect(spend).not.toHaveProperty('exhausted');
    expect([...spend.exhaustedProviders]).toEqual(['local']);
  });

  it('of a task or attempt concerns no other', () => {
    const { spend } = fold(exhausted({ scope: 'attempt', ...of }));
    expect(spend).not.toHaveProperty('exhausted');
    expect([...spend.exhaustedAttempts.keys()]).toEqual(['a.1']);
    expect([...spend.exhaustedTasks.keys()]).toEqual([]);
    const task = fold(exhausted({ scope: 'task', ...of })).spend;
    expect([...task.exhaustedTasks]).toEqual([['a', 'the budget is used up']]);
    expect([...task.exhaustedAttempts.keys()]).toEqual(['a.1']);
    expect(fold(exhausted({ scope: 'task', ...of }), raised).spend.exhaustedTasks.size).toBe(0);
  });

  it('of a call ends nothing', () => {
    const { spend } = fold(exhausted({ scope: 'call', ...of }));
    expect(spend).toEqual(fold().spend);
  });
});
