import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { createEngineProject, serveModel, type EngineProject } from './engine-project.ts';
import { findFreePort } from './free-port.ts';

const FIXTURE = fileURLToPath(new URL('./fixtures/model-server.ts', import.meta.url));
const RUN = ['run', 'config', '--input', '"What?"'];

/** The smallest bound that admits the run's only call. */
async function findNeededTokens(project: EngineProject, env: Readonly<Record<string, string>>) {
  const refused = await project.engine(RUN, { env: { ...env, BUDGET_TOKENS: '1' } });
  expect(refused.code, refused.stderr).toBe(3);
  expect(refused.stdout).toMatch(/^failed +answer: .*budget of the run is used up/m);
  expect(refused.stderr).toMatch(/error: .* \[BUDGET_EXHAUSTED\]\nhint: raise the bound: .*BUDGET_TOKENS/);
  return /\((\d+) tokens would do\)/.exec(refused.stderr)?.[1] ?? '';
}

it('makes no call that does not fit into the budget, and says what would do', async () => {
  await using project = await createEngineProject();
  await using server = await serveModel(() => ({ text: 'Done.' }));
  const env = { LLM_BASE_URL: server.url };
  const needed = await findNeededTokens(project, env);
  expect(server.asked).toEqual([]);
  const under = { ...env, BUDGET_TOKENS: needed };
  expect((await project.engine(RUN, { env: under })).code).toBe(0);
  expect((await project.engine(RUN, { env: under })).code).toBe(0);
  const inputs = ['queue', 'config', '--json', '--input', '"What?"', '--input', '"What?"'];
  const queue = await project.engine(inputs, { env: under });
  expect(queue.code).toBe(3);
  const lines = queue.stdout.trim().split('\n');
  expect(lines.map((line) => JSON.parse(line).status)).toEqual(['success', 'failure']);
  expect(server.asked).toHaveLength(3);
});

it('remembers what was spent where the engine keeps its state, until the bound is raised', async () => {
  await using project = await createEngineProject();
  await using server = await serveModel(() => ({ text: 'Done.' }));
  const env = { LLM_BASE_URL: server.url, AGENT_ENGINE_STATE_DIR: join(project.root, 'state') };
  const needed = await findNeededTokens(project, env);
  const run = (tokens: number) => project.engine(RUN, { env: { ...env, BUDGET_TOKENS: `${tokens}` } });
  expect((await run(Number(needed))).code).toBe(0);
  expect((await run(Number(needed))).code).toBe(3);
  expect(server.asked).toHaveLength(1);
  expect((await run(2 * Number(needed))).code).toBe(0);
  expect(await readFile(join(project.root, 'state', 'budget.jsonl'), 'utf8')).toContain('"settled"');
});

it('does not begin where a bound in dollars cannot be kept, or servers cost more at once', async () => {
  await using project = await createEngineProject();
  await using server = await serveModel(() => ({ text: 'Done.' }));
  const unpriced = { LLM_BASE_URL: server.url, LLM_MODEL: 'unheard-of', BUDGET_USD: '1' };
  const unknown = await project.engine(RUN, { env: unpriced });
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('[PRICE_UNKNOWN]')]);
  expect(unknown.stderr).toContain('unheard-of at default');

  const rented = [{ name: 'default', endpoint: server.url, price: { usdPerServerHour: 3600 } }];
  const dear = await project.engine(RUN, { env: { LLM_ENDPOINTS: JSON.stringify(rented), BUDGET_USD: '1' } });
  expect([dear.code, dear.stderr]).toEqual([3, expect.stringContaining('60.00 USD would do')]);
  expect(server.asked).toEqual([]);

  await project.write('mock.json', { answers: { answer: { text: 'Played.' } } });
  const mocked = await project.engine([...RUN, '--mock', 'mock.json'], { env: unpriced });
  expect([mocked.code, mocked.stderr]).toEqual([0, '']);
});

it('starts the server of an endpoint for the first call, and waits for a model that cannot be started', async () => {
  await using project = await createEngineProject();
  const port = await findFreePort();
  const startedBy = (mode: string) => ({
    LLM_ENDPOINTS: JSON.stringify([
      {
        name: 'default',
        endpoint: `http://127.0.0.1:${port}`,
        models: ['local'],
        start: [process.execPath, FIXTURE, mode, `${port}`, join(project.root, 'starts')],
      },
    ]),
  });
  const met = await project.engine(RUN, { env: startedBy('slow') });
  expect([met.code, met.stderr]).toEqual([0, '']);
  expect(met.stdout).toContain('From here.');
  const failed = await project.engine(RUN, { env: startedBy('dies') });
  expect(failed.code).toBe(3);
  expect(failed.stderr).toContain('local at endpoint default could not be started [MODEL_WAIT]');
  expect(failed.stderr).toContain('ended with exit code 7');
  const [, kept = ''] = /\(all of it is in (\S+)\/server-1\.log\)/.exec(failed.stderr) ?? [];
  await rm(kept, { recursive: true });
});
