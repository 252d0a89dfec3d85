import type { Secret } from '@agentswarm/core';
import type { CredentialProvider } from '../credentials/credential-provider.ts';
import type { AgentDefinition, CredentialDeclaration } from '../model/manifest-set.ts';
import type { LlmClient, LlmPort } from '../tools/tool-ports.ts';
import type { EngineOptions } from './engine-options.ts';
import type { EngineAdapters } from './engine-parts.ts';

export interface LlmClientsOptions {
  readonly adapters: EngineAdapters;
  readonly credentials: CredentialProvider;
  readonly declarations: readonly CredentialDeclaration[];
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
  const { adapters, llmFactory } = options;
  const { secret, config: credentialConfig } = credentialOf(agent, options);
  const config = { ...credentialConfig, ...agent.config };
  const registered = agent.provider === null ? null : adapters.createLlm(agent.provider, config);
  return registered ?? llmFactory?.(agent.provider, config, secret);
}

/** The one the agent names, else the first one loaded for its provider. */
function credentialOf(
  { provider, config }: AgentDefinition,
  { credentials, declarations }: LlmClientsOptions,
): { readonly secret: Secret | null; readonly config: CredentialDeclaration['config'] } {
  const named = config['credential'];
  if (typeof named === 'string') {
    const declared = declarations.find(({ id }) => id === named)?.config ?? {};
    return { secret: credentials.getCredential(named), config: declared };
  }
  return (provider === null ? null : credentials.forProvider(provider)) ?? { secret: null, config: {} };
}
