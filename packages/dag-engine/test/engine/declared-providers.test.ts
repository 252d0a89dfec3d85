import { expect, it } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import { createConfigDirectory, node, workflow } from './config-directory.ts';

const ASK = workflow(
  [
    node('start', 'start', { default_start: true }),
    node('ask', 'linear', { kind: 'agent', agent_id: 'writer', tools: ['look'], context: 'global' }),
    node('exit', 'exit'),
  ],
  ['start>ask', 'ask>exit'],
);

const CREDENTIALS = {
  provider_credentials: [
    { id: 'first', provider: 'house', auth: { type: 'api_key', source: 'env', env_var: 'FIRST' } },
    {
      id: 'second',
      provider: 'elsewhere',
      auth: { type: 'api_key', source: 'env', env_var: 'SECOND' },
      config: { base_url: 'credential', region: 'credential' },
    },
  ],
};

const PROVIDERS = {
  providers: [
    {
      id: 'house',
      type: 'llm',
      factory: './factories.mjs:model',
      credential: 'second',
      config: { base_url: 'provider', region: 'provider', top_p: 1 },
    },
    { id: 'catalogue', type: 'tool', factory: './factories.mjs:tool', config: { shelf: 7 } },
  ],
};

const FACTORIES = `
export const model = (config, credential) => ({
  generate: async () => ({
    main_result: { config, key: credential?.reveal().length ?? null },
    tool_plan: { steps: [{ tool_id: 'look', inputs: {} }] },
  }),
});
export const tool = (definition, root, config) => ({ definition, handler: () => ({ ...config, id: definition.tool_id }) });
`;

it('gives the factories of providers.yaml their settings and the credential they name', async () => {
  await using directory = await createConfigDirectory({
    'workflow.yaml': ASK,
    'agents.yaml': {
      agents: [{ id: 'writer', kind: 'agent', llm: 'house/small', config: { region: 'agent' } }],
    },
    'tools.yaml': { tools: [{ id: 'look', type: 'catalogue', entrypoint: 'catalogue:look' }] },
    'providers.yaml': PROVIDERS,
    'provider_credentials.yaml': CREDENTIALS,
    'factories.mjs': FACTORIES,
  });
  await using engine = await Engine.fromConfigDir(directory.path, {
    checkpoint: 'never',
    env: { FIRST: 'a-key', SECOND: 'another-key' },
  });
  const { output, history } = await engine.run('go');
  expect(output).toMatchObject({
    config: { base_url: 'credential', region: 'agent', top_p: 1 },
    key: 'another-key'.length,
  });
  expect(history[1]?.tool_calls[0]?.output).toEqual({ shelf: 7, id: 'look' });
});
