import type { AgentDefinition } from '../../model/manifest-set.ts';
import type { JsonObject } from '../../model/json.ts';
import type { LlmClient, LlmPort } from '../../tools/tool-ports.ts';

/** Makes the client of a provider (`null`: the default one), or `undefined` when it serves no such provider. */
export type LlmFactory = (provider: string | null, config: JsonObject) => LlmClient | undefined;

/** Clients by agent, each made when first needed; an agent nobody serves is asked about again. */
export function createAgentClients(llmFactory: LlmFactory): LlmPort {
  const clients = new Map<string, LlmClient>();
  return {
    clientFor: (agent: AgentDefinition) => {
      const client = clients.get(agent.id) ?? llmFactory(agent.provider, agent.config);
      if (client !== undefined) clients.set(agent.id, client);
      return client;
    },
  };
}
