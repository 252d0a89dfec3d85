import { rmSync } from 'node:fs';
import { createScriptedModelServer, type ScriptedModelServer } from '@agentswarm/llm-client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFaultProxy, type FaultProxy } from '../support/fault-proxy.ts';
import { runAgentswarm } from '../support/run-agentswarm.ts';
import { createSmallTarget, type SmallTarget } from '../support/small-target.ts';

const FEATURES = ['alpha', 'gamma'] as const;
const PRICE = { inputUsdPerMillion: 10, outputUsdPerMillion: 30 };

let target: SmallTarget;
let model: ScriptedModelServer;
/** Counts what reaches the model. */
let counter: FaultProxy;

beforeEach(async () => {
  target = createSmallTarget({ tasks: FEATURES });
  model = await createScriptedModelServer({ scriptDir: target.script });
  counter = await createFaultProxy(model.url, []);
});

afterEach(async () => {
  await counter[Symbol.asyncDispose]();
  await model.close();
  rmSync(target.root, { recursive: true });
});

const endpoint = (name: string, more: object = {}) => ({ name, endpoint: counter.url, ...more });

function agentswarm(
  args: readonly string[],
  { endpoints, ...env }: { readonly endpoints: readonly object[] } & Readonly<Record<string, unknown>>,
) {
  const texts = Object.entries(env).map(([name, value]) => [name, String(value)]);
  return runAgentswarm([...args, '--target', target.path], {
    env: {
      LLM_ENDPOINTS: JSON.stringify(endpoints),
      LLM_MODEL: 'scripted-small',
      LLM_MAX_TOKENS: '1000',
      ISOLATION: 'none',
      MAX_WORKERS: '1',
      ...Object.fromEntries(texts),
    },
  });
}

it('pauses when the budget is used up, makes no call until it is raised, and then meets its goal', async () => {
  const given = { endpoints: [endpoint('priced', { price: PRICE })] };
  const paused = await agentswarm(['run', '--json', '--budget-usd', '0.15'], given);
  expect(paused, paused.stderr).toMatchObject({ exitCode: 3 });
  const first = JSON.parse(paused.stdout);
  expect(first).toMatchObject({
    outcome: 'paused',
    reason: expect.stringContaining('budget of the run is used up'),
    metrics: { attempts: { landed: 1, abandoned: 1, failed: 0 } },
  });
  expect(first.metrics.budget.spent.usd).toBeLessThanOrEqual(0.15);
  expect(first.metrics.budget.spent.usd).toBeCloseTo(first.metrics.model.costUsd, 9);
  expect(paused.stderr).toMatch(/resume with: .* --budget-usd 0\.\d\d$/m);

  const calls = counter.requests();
  const again = await agentswarm(['resume', '--json'], given);
  expect(again, again.stderr).toMatchObject({ exitCode: 3 });
  expect(JSON.parse(again.stdout)).toMatchObject({ outcome: 'paused', reason: first.reason });
  expect(counter.requests()).toBe(calls);

  const raised = await agentswarm(['resume', '--json', '--budget-usd', '5'], given);
  expect(raised, raised.stderr).toMatchObject({ exitCode: 0 });
  const { metrics } = JSON.parse(raised.stdout);
  expect(metrics.budget.policy).toEqual({ run: { usd: 5 } });
  expect(metrics.budget.spent.usd).toBeGreaterThan(first.metrics.budget.spent.usd);
  const stats = await agentswarm(['stats'], given);
  expect(stats.stdout).toMatch(/budget +0\.\d\d USD of 5\.00 USD/);
});

it('does not start with a budget in dollars and a model without a price, and says how to state one', async () => {
  const given = { endpoints: [endpoint('unpriced')] };
  const refused = await agentswarm(['run', '--json', '--budget-usd', '5'], given);
  expect(refused, refused.stderr).toMatchObject({ exitCode: 2 });
  expect(refused.stderr).toContain('[PRICE_UNKNOWN]');
  expect(refused.stderr).toContain('scripted-small at unpriced');
  expect(refused.stderr).toContain('inputUsdPerMillion');
  expect(counter.requests()).toBe(0);
});

it('ends an attempt that uses up its own bound as failed, with the bound as evidence, and goes on', async () => {
  const failed = await agentswarm(['run', '--json'], {
    endpoints: [endpoint('priced')],
    BUDGET_LIMITS: '{"attempt":{"tokens":5000}}',
    MAX_ATTEMPTS: 1,
    MAX_PLANNING_ROUNDS: 2,
  });
  expect(failed, failed.stderr).toMatchObject({ exitCode: 1 });
  const { metrics, setbacks } = JSON.parse(failed.stdout);
  expect(metrics).toMatchObject({ attempts: { started: 2, failed: 2 }, tasks: { failed: 2 } });
  expect(setbacks[0].reason).toMatch(/^budget: budget of attempt alpha\.1 is used up/);
});

it('goes on at another endpoint when the bound of a provider is used up, and says why', async () => {
  const own = endpoint('own', { price: {} });
  const rented = endpoint('rented', { tier: 1, price: PRICE });
  const met = await agentswarm(['run', '--json'], {
    endpoints: [own, rented],
    BUDGET_LIMITS: '{"providers":{"own":{"tokens":6000}}}',
  });
  expect(met, met.stderr).toMatchObject({ exitCode: 0 });
  const { metrics } = JSON.parse(met.stdout);
  expect(metrics.budget.byProvider.own.tokens).toBeLessThanOrEqual(6000);
  expect(metrics.model.byEndpoint.own.costUsd).toBe(0);
  expect(metrics.model.byEndpoint.rented.costUsd).toBeCloseTo(metrics.budget.byProvider.rented.usd, 9);
  expect(metrics.model.rerouted).toContainEqual(
    expect.objectContaining({ endpoint: 'rented', detail: 'credit' }),
  );
});

it('starts although one of several endpoints is out, and uses the other', async () => {
  const out = { name: 'out', endpoint: 'http://127.0.0.1:1' };
  const met = await agentswarm(['run', '--json'], { endpoints: [out, endpoint('up', { tier: 1 })] });
  expect(met, met.stderr).toMatchObject({ exitCode: 0 });
  const { metrics } = JSON.parse(met.stdout);
  expect(metrics.model.rerouted.map((one: { endpoint: string }) => one.endpoint)).toContain('up');
});
