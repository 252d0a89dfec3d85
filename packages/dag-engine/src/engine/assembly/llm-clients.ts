import type { Secret } from '@agentswarm/core';
import type { CredentialProvider } from '../credentials/credential-provider.ts';
import type { AgentDefinition, CredentialDeclaration, ProviderDeclaration } from '../model/manifest-set.ts';
import type { LlmClient, LlmPort } from '../tools/tool-ports.ts';
import type { EngineOptions } from './engine-options.ts';
import type { EngineAdapters } from './engine-parts.ts';

export interface LlmClientsOptions {
  readonly adapters: EngineAdapters;
  readonly credentials: CredentialProvider;
  readonly declarations: readonly CredentialDeclaration[];
  readonly providers: readonly ProviderDeclaration[];
  readonly llmFactory: EngineOptions['llmFactory'];
}

/** The models of agents: a factory that was registered for the provider comes first, then the option. Made once. */
export function createLlmClients(options: LlmClientsOptions): LlmPort {
  const made = new Map<string, LlmClient>();
  return {
    clientFor: (agent) => {
      const known = made.get(agent.id);
      if (known !== undefined) return known;
      const client = makeClient(agent, options);
      if (client !== undefined) made.set(agent.id, client);
      return client;
    },
  };
}

function makeClient(agent: AgentDefinition, options: LlmClientsOptions): LlmClient | undefined {
  const { adapters, llmFactory, providers } = options;
  const declared = providers.find(
    ({ id, type, enabled }) => type === 'llm' && enabled && id === agent.provider,
  );
  const named = agent.config['credential'] ?? declared?.credential ?? null;
  const { secret, config: credentialConfig } =
    typeof named === 'string' ? namedCredential(named, options) : credentialOf(agent.provider, options);
  const config = { ...declared?.config, ...credentialConfig, ...agent.config };
  const registered = agent.provider === null ? null : adapters.createLlm(agent.provider, config, secret);
  return registered ?? llmFactory?.(agent.provider, config, secret);
}

interface ClientCredential {
  readonly secret: Secret | null;
  readonly config: CredentialDeclaration['config'];
}

function namedCredential(id: string, { credentials, declarations }: LlmClientsOptions): ClientCredential {
  const declared = declarations.find((declaration) => declaration.id === id);
  return { secret: credentials.getCredential(id), config: declared?.config ?? {} };
}

/** The first one loaded for a provider. */
function credentialOf(provider: string | null, { credentials }: LlmClientsOptions): ClientCredential {
  return (provider === null ? null : credentials.forProvider(provider)) ?? { secret: null, config: {} };
}
