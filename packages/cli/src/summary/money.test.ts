import { foldRecords } from '@agentswarm/core';
import { describe, expect, it } from 'vitest';
import { recordsOf, runStarted } from '../../test/synthetic-run.ts';
import { formatSummary } from './format-summary.ts';
import { adviseRaise } from './raise-advice.ts';
import { summarizeRun } from './summarize.ts';

const call = (more: object) => ({
  type: 'model_called',
  role: 'worker',
  endpoint: 'own',
  model: 'small',
  ok: true,
  promptTokens: 1000,
  completionTokens: 200,
  estimated: false,
  durationMs: 10,
  ...more,
});
const overflow = {
  endpoint: 'rented',
  model: 'big',
  costUsd: 0.75,
  route: { reason: 'overflow', detail: 'saturated' },
};
const spent = (id: string, provider: string, nanoUsd: number) => [
  { type: 'budget_reserved', id, provider, nanoUsd: 2 * nanoUsd, tokens: 2400 },
  { type: 'budget_settled', id, nanoUsd, tokens: 1200 },
];
const policy = { run: { usd: 5 }, providers: { rented: { usd: 2 } } };
const stateOf = (...events: object[]) => foldRecords(recordsOf([runStarted(), ...events]));
const rows = (...events: object[]) => {
  const wanted = /^ {2}(cost|budget|rerouted) |^ {13}(own|rented):/;
  return formatSummary(summarizeRun(stateOf(...events))).filter((line) => wanted.test(line));
};

describe('the summary', () => {
  it('tells what was spent of what, at whom, and why calls went elsewhere', () => {
    const events = [
      { type: 'budget_policy_set', policy },
      ...spent('r1', 'own', 4_000_000),
      call({ costUsd: 0.004 }),
      ...spent('r2', 'rented', 750_000_000),
      call(overflow),
      call({ endpoint: 'local' }),
      { type: 'budget_reserved', id: 'r3', provider: 'rented', nanoUsd: 10_000_000, tokens: 300 },
    ];
    expect(rows(...events).join('\n')).toMatchInlineSnapshot(`
      "  cost       0.75 USD, without 1 call of unknown price: small 0.004 USD; big 0.75 USD
        budget     0.76 USD of 5.00 USD, 2.7k tokens (1 call not settled, counted in full)
                   own: 0.004 USD, 1.2k tokens
                   rented: 0.76 USD of 2.00 USD, 1.5k tokens
        rerouted   1 call to rented (overflow, the cheaper ones were busy)"
    `);
  });

  it('claims no sum of dollars where only tokens are bounded and no price is known', () => {
    const tokens = { type: 'budget_policy_set', policy: { run: { tokens: 10_000 } } };
    const open = { type: 'budget_reserved', id: 'r1', provider: 'own', nanoUsd: 0, tokens: 300 };
    expect(rows(tokens, open, call({}))).toEqual([
      '  budget     300 of 10.0k tokens (1 call not settled, counted in full)',
    ]);
  });

  it('claims nothing about money where no price and no budget is known', () => {
    expect(rows(call({}))).toEqual([]);
  });
});

describe('what it takes to go on', () => {
  const exhausted = { type: 'budget_exhausted', limit: 5, spent: 4.98, reserved: 0, message: 'm' };
  const advise = (more: object) =>
    adviseRaise(stateOf({ type: 'budget_policy_set', policy }, { ...exhausted, ...more }));

  it.each([
    [{ scope: 'run', unit: 'usd', needed: 5.1 }, '--budget-usd 5.10', '5.10 USD'],
    [{ scope: 'run', unit: 'usd', needed: 5.1001 }, '--budget-usd 5.11', '5.11 USD'],
    [{ scope: 'run', unit: 'tokens', needed: 12_345 }, '--budget-tokens 12345', '12.3k tokens'],
    [{ scope: 'run', unit: 'usd', needed: 5.10000001 }, '--budget-usd 5.11', '5.11 USD'],
  ])('is the flag and the smallest amount for %j', (more, flags, least) => {
    expect(advise(more)).toEqual({ flags, least });
  });

  it('counts what was spent after the refusal', () => {
    const late = spent('r1', 'rented', 5_030_000_000);
    const refused = { ...exhausted, scope: 'run', unit: 'usd', needed: 5.1 };
    const state = stateOf({ type: 'budget_policy_set', policy }, refused, ...late);
    expect(adviseRaise(state)).toEqual({ flags: '--budget-usd 5.15', least: '5.15 USD' });
  });

  it('keeps the other bounds when that of a provider must be raised', () => {
    const endpoints = [{ name: 'rented', model: 'm', ownedBy: 'x' }];
    const start = { ...(runStarted() as object), endpoints };
    const event = { ...exhausted, scope: 'provider', scopeId: 'rented', unit: 'usd', needed: 2.5 };
    const nested = { ...policy, task: { tokens: 9 } };
    const state = foldRecords(recordsOf([start, { type: 'budget_policy_set', policy: nested }, event]));
    expect(adviseRaise(state)).toEqual({
      flags: `--budget-limits '{"task":{"tokens":9},"providers":{"rented":{"usd":2.5}}}'`,
      least: '2.50 USD for rented',
    });
  });

  it('is nothing for a run that may still spend', () => {
    expect(adviseRaise(stateOf())).toBeUndefined();
  });
});
