import { expect, it } from 'vitest';
import { createEngineProject, serveModel } from './engine-project.ts';

const RUN = ['run', 'config', '--input', '"What?"'];
const agents = (llm: string, config: object = {}) => ({
  agents: [{ id: 'assistant', kind: 'agent', llm, config }],
});

it('asks the configured endpoint with the settings of the agent', async () => {
  await using project = await createEngineProject();
  await using server = await serveModel(() => ({ text: '<think>{ hm</think>Forty-two.' }));
  const env = { LLM_BASE_URL: server.url, LLM_MODEL: 'glm-test', LLM_API_KEY: 'sk-canary-1' };
  const { code, stdout, stderr } = await project.engine(RUN, { env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('success');
  expect(stdout).toContain('nodes    start → answer → finish');
  expect(stdout).toContain('output   Forty-two.');
  expect(stdout).not.toContain('answers');
  const [{ key, body } = { key: '', body: undefined }] = server.asked;
  expect(key).toBe('Bearer sk-canary-1');
  expect(body).toMatchObject({ model: 'glm-test', temperature: 0.2, max_tokens: 2048 });
  const [system, user] = body?.messages ?? [];
  expect(system).toMatchObject({ role: 'system', content: expect.stringContaining('files of a workspace') });
  expect(JSON.parse(user?.content ?? '')).toMatchObject({ agent_stage: 'answer', task_request: 'What?' });
});

it('asks the endpoint that is called as the provider, with the credential declared for it', async () => {
  await using project = await createEngineProject();
  await using server = await serveModel(() => ({ text: '2' }));
  const endpoints = [{ name: 'second', endpoint: server.url, apiKey: 'sk-canary-2' }];
  const env = { LLM_ENDPOINTS: JSON.stringify(endpoints), OWN_KEY: 'sk-canary-3' };
  await project.write('config/agents.yaml', agents('small'));
  expect((await project.engine(RUN, { env })).code).toBe(0);
  await project.write('config/agents.yaml', agents('second/small', { top_p: 0.5, top_k: 5 }));
  const auth = { type: 'api_key', source: 'env', env_var: 'OWN_KEY' };
  const credentials = [{ id: 'own', provider: 'second', auth }];
  await project.write('config/provider_credentials.yaml', { provider_credentials: credentials });
  const { stdout, stderr } = await project.engine([...RUN, '--json'], { env });
  expect(stderr).toBe('warning: settings of agents that are not sent to second: top_k\n');
  expect(JSON.parse(stdout)).toMatchObject({ status: 'success', output: 2 });
  expect(server.asked.map(({ body }) => body.top_p)).toEqual([undefined, 0.5]);
  const keys = server.asked.map(({ key, body: { model } }) => [key, model]);
  expect(keys).toEqual([
    ['Bearer sk-canary-2', 'small'],
    ['Bearer sk-canary-3', 'small'],
  ]);
  await project.write('config/agents.yaml', agents('third/small'));
  const third = await project.engine(RUN, { env });
  expect(third.code).toBe(1);
  expect(third.stdout).toContain('no model client serves provider "third"');
  expect(stdout + stderr + third.stdout).not.toContain('sk-canary');
});

it('reads the settings of the project, and says what is missing without them', async () => {
  await using project = await createEngineProject();
  const without = await project.engine(RUN);
  expect(without.code).toBe(1);
  expect(without.stdout).toContain('answer: no model client serves provider "default"');
  expect(without.stdout).toMatch(/hint +LLM_BASE_URL/);
  await using server = await serveModel(() => ({ text: 'From the project.' }));
  await project.write('.env', `LLM_BASE_URL=${server.url}\nAGENT_ENGINE_STATE_DIR=${project.root}/state\n`);
  const { stdout } = await project.engine(RUN);
  expect(stdout).toContain('From the project.');
  expect((await project.engine(['inspect', 'config'])).stdout).toMatch(
    /^completed .*start → answer → finish$/m,
  );
});

it('says what to do about an endpoint that fails, and calls nothing a result', async () => {
  await using project = await createEngineProject();
  await using server = await serveModel(() => ({ text: '', status: 401 }));
  const refused = await project.engine(RUN, { env: { LLM_BASE_URL: server.url, LLM_API_KEY: 'wrong' } });
  expect(refused.code).toBe(1);
  expect(refused.stdout).toMatch(/^hint +check LLM_API_KEY$/m);
  expect(refused.stdout).toMatch(/^so far +What\?$/m);
  expect(refused.stdout).not.toMatch(/^output/m);
  const { stdout } = await project.engine([...RUN, '--json'], { env: { LLM_BASE_URL: server.url } });
  expect(JSON.parse(stdout)).toMatchObject({ error: { details: { cause_code: 'AUTH_REJECTED' } } });
});

it('fails on an answer that was cut, and on a setting that is none', async () => {
  await using project = await createEngineProject();
  await using server = await serveModel(() => ({ text: '{"text": "It', finish: 'length' }));
  const env = { LLM_BASE_URL: server.url };
  const cut = await project.engine(RUN, { env });
  expect([cut.code, cut.stdout]).toEqual([1, expect.stringContaining('was cut at 2048 tokens')]);
  await project.write('config/agents.yaml', agents('default/default', { temperature: 'hot' }));
  const { stdout } = await project.engine(RUN, { env });
  expect(stdout).toContain('the agent setting temperature must be a number');
});

it('ends the request on Ctrl-C', async () => {
  await using project = await createEngineProject();
  const started = Promise.withResolvers<void>();
  await using server = await serveModel(() => started.resolve());
  const run = project.start([...RUN, '--json'], { env: { LLM_BASE_URL: server.url } });
  await started.promise;
  run.signals.emit('SIGINT');
  const { code, stdout, stderr } = await run.result;
  expect(code).toBe(130);
  expect(JSON.parse(stdout)).toMatchObject({ status: 'cancelled', node_sequence: ['start', 'answer'] });
  expect(stderr).toContain('press Ctrl-C again');
  expect(run.signals.listenerCount('SIGINT')).toBe(0);
});
