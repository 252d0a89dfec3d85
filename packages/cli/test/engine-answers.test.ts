import { expect, it } from 'vitest';
import { createEngineProject, serveModel } from './engine-project.ts';

const RUN = ['run', 'config', '--input', '"Hello"'];
const ANSWERS = { answers: { answer: { text: 'It works.' } } };
const NOTE = '1 answer came from mock.json, not from a model';

it('answers from a file in place of every model, and says so', async () => {
  await using project = await createEngineProject();
  await using server = await serveModel(() => ({ text: 'never' }));
  await project.write('mock.json', ANSWERS);
  const env = { LLM_BASE_URL: server.url };
  const { code, stdout } = await project.engine([...RUN, '--mock', 'mock.json'], { env });
  expect([code, stdout]).toEqual([0, expect.stringContaining(NOTE)]);
  const { stdout: json, stderr } = await project.engine([...RUN, '--mock', 'mock.json', '--json'], { env });
  expect(JSON.parse(json)).toMatchObject({ output: { text: 'It works.' } });
  expect(stderr).toBe(`${NOTE}\n`);
  expect(server.asked).toEqual([]);
});

it('obeys the environment: for every agent, or for those of the provider mock', async () => {
  await using project = await createEngineProject();
  await using server = await serveModel(() => ({ text: 'From the model.' }));
  await project.write('mock.json', ANSWERS);
  const env = { LLM_BASE_URL: server.url, AGENT_ENGINE_MOCK_FILE: 'mock.json' };
  expect((await project.engine(RUN, { env })).stdout).toContain('From the model.');
  for (const on of ['0', 'false', '']) {
    const { stdout } = await project.engine(RUN, { env: { ...env, AGENT_ENGINE_USE_MOCK_LLM: on } });
    expect(stdout).not.toContain(NOTE);
  }
  const forced = await project.engine(RUN, { env: { ...env, AGENT_ENGINE_USE_MOCK_LLM: '1' } });
  expect(forced.stdout).toContain(NOTE);
  await project.write('config/agents.yaml', {
    agents: [{ id: 'assistant', kind: 'agent', llm: 'mock/any' }],
  });
  expect((await project.engine(RUN, { env })).stdout).toContain(NOTE);
  const unserved = await project.engine(RUN, { env: { LLM_BASE_URL: server.url } });
  expect(unserved.stdout).toContain('no model client serves provider "mock"');
  const fileless = await project.engine(RUN, { env: { AGENT_ENGINE_USE_MOCK_LLM: '1' } });
  expect([fileless.code, fileless.stderr]).toEqual([2, expect.stringContaining('AGENT_ENGINE_MOCK_FILE')]);
});

it('has no answer of its own: a node the file does not name fails', async () => {
  await using project = await createEngineProject();
  await project.write('mock.json', { answers: { other: 'x' } });
  const { code, stdout } = await project.engine([...RUN, '--mock', 'mock.json']);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^failed +answer: .*mock\.json has no answer for node "answer"/m);
});

it('answers for tools that ask a model', async () => {
  await using project = await createEngineProject();
  const permissions = { allow_network: false, allow_shell: false, root: false };
  const tool = { id: 'translate', type: 'llm_tool', entrypoint: 'none:none', permissions };
  await project.write('config/tools.yaml', { tools: [tool] });
  await project.write('config/policy.yaml', { policies: [] });
  const workflow = {
    nodes: [
      { id: 'start', kind: 'deterministic', role: 'start', default_start: true, context: 'none' },
      {
        id: 'answer',
        kind: 'agent',
        role: 'linear',
        agent_id: 'assistant',
        context: 'none',
        tools: ['translate'],
      },
      { id: 'finish', kind: 'deterministic', role: 'exit', context: 'none' },
    ],
    edges: [
      { from: 'start', to: 'answer' },
      { from: 'answer', to: 'finish' },
    ],
  };
  await project.write('config/workflow.yaml', workflow);
  const step = { tool_id: 'translate', inputs: { text: 'hi' }, reason: 'asked', kind: 'analyze' };
  const plan = { main_result: { done: true }, tool_plan: { steps: [step] } };
  await project.write('mock.json', { answers: { answer: plan }, tools: { translate: { text: 'salut' } } });
  const { stdout } = await project.engine([...RUN, '--mock', 'mock.json', '--json']);
  expect(JSON.parse(stdout).history[1].tool_calls).toMatchObject([{ output: { text: 'salut' } }]);
});

it.each([
  ['no JSON', '{'],
  ['no object', '[]'],
  ['no answers', '{}'],
  ['answers that are no object', '{"answers": []}'],
  ['a field there is not', '{"answers": {}, "answer": {}}'],
])('refuses a file with %s', async (_what, content) => {
  await using project = await createEngineProject();
  await project.write('mock.json', content);
  const { code, stderr } = await project.engine([...RUN, '--mock', 'mock.json']);
  expect([code, stderr]).toEqual([2, expect.stringContaining('[CLI_ANSWERS_INVALID]')]);
});
