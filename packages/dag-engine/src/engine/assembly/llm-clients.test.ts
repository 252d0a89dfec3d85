import { expect, it } from 'vitest';
import { AdapterRegistry } from '../adapters/adapter-registry.ts';
import { CredentialProvider } from '../credentials/credential-provider.ts';
import { keepText } from '../model/frozen-json.ts';
import type { AgentDefinition } from '../model/manifest-set.ts';
import { createLlmClients } from './llm-clients.ts';

it('makes the client of an agent once, and asks again about one that nobody serves', () => {
  const asked: (string | null)[] = [];
  const llm = createLlmClients({
    adapters: new AdapterRegistry({ redact: keepText }),
    credentials: new CredentialProvider([], { env: {}, configDir: '/config' }),
    declarations: [],
    providers: [],
    llmFactory: (provider) => {
      asked.push(provider);
      return provider === 'served' ? { generate: async () => '' } : undefined;
    },
  });
  const agent: AgentDefinition = {
    id: 'a',
    kind: 'agent',
    provider: 'served',
    model: 'm',
    config: {},
    description: '',
  };
  expect(llm.clientFor(agent)).toBe(llm.clientFor(agent));
  const unserved = { ...agent, id: 'b', provider: null };
  expect([llm.clientFor(unserved), llm.clientFor(unserved)]).toEqual([undefined, undefined]);
  expect(asked).toEqual(['served', null, null]);
});
