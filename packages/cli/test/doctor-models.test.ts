import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runCaptured } from './captured-cli.ts';
import { findFreePort } from './free-port.ts';

let directory: string;
let endpoint: string;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'agentswarm-doctor-'));
  writeFileSync(join(directory, 'SPEC.md'), '# Spec');
  endpoint = `http://127.0.0.1:${await findFreePort()}`;
});
afterEach(() => rmSync(directory, { recursive: true }));

async function check(name: string, settings: Readonly<Record<string, unknown>>) {
  const texts = Object.entries(settings).map(([key, value]) => [key, JSON.stringify(value)]);
  const env = { PATH: process.env['PATH'], LLM_MODEL: 'm', ...Object.fromEntries(texts) };
  const { stdout } = await runCaptured(['doctor', '--json'], { directory, env });
  const { checks } = JSON.parse(stdout) as { checks: { name: string; status: string; fix?: string }[] };
  return checks.filter((each) => each.name === name);
}

it('fails on a budget in dollars where a price is unknown, and says how to state one', async () => {
  const own = { name: 'own', endpoint };
  expect(await check('budget', { LLM_ENDPOINTS: [own] })).toEqual([]);
  expect(await check('budget', { LLM_ENDPOINTS: [own], BUDGET_USD: 5 })).toMatchObject([
    {
      status: 'fail',
      detail: expect.stringContaining('the price of m at own is unknown'),
      fix: expect.stringContaining('"inputUsdPerMillion"'),
    },
  ]);
  const priced = { ...own, price: { outputUsdPerMillion: 3 } };
  expect(await check('budget', { LLM_ENDPOINTS: [priced], BUDGET_USD: 5 })).toMatchObject([{ status: 'ok' }]);
});

it('fails on a bound of an endpoint that does not exist', async () => {
  const limits = { providers: { othre: { tokens: 5 } } };
  const settings = { LLM_ENDPOINTS: [{ name: 'other', endpoint }], BUDGET_LIMITS: limits };
  expect(await check('budget', settings)).toMatchObject([
    { status: 'fail', detail: expect.stringContaining('othre, which is no endpoint') },
  ]);
});

it('takes a stopped server that can be started for what it is', async () => {
  const stopped = { name: 'own', endpoint };
  expect(await check('model', { LLM_ENDPOINTS: [stopped] })).toMatchObject([{ status: 'fail' }]);
  expect(await check('model', { LLM_ENDPOINTS: [{ ...stopped, start: ['serve'] }] })).toMatchObject([
    { status: 'ok', detail: expect.stringContaining('own: is not running') },
  ]);
});
