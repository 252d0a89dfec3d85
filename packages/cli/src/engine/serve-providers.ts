import type { Secret, SwarmConfig } from '@agentswarm/core';
import type { LlmFactory } from '@agentswarm/dag-engine/engine';
import type { LlmEndpoint } from '@agentswarm/llm-client';
import type { AnsweringModel } from './answering-model.ts';
import type { ModelAccess } from './model-access.ts';
import { createModelClient, selectUnsentSettings } from './model-client.ts';

export interface ServeProvidersOptions {
  readonly config: SwarmConfig;
  readonly access: ModelAccess;
  /** Serves the provider `mock`, and every other when it is for all. */
  readonly answers?: { readonly model: AnsweringModel; readonly forAll: boolean };
  /** Hears what a person should know of. */
  readonly warn: (warning: string) => void;
}

/**
 * Maps the providers of agents to what answers: `default`, or none, is the configured endpoint, any other the endpoint
 * of that name. A credential declared for a provider takes the place of the endpoint's key.
 */
export function serveProviders({ config, access, answers, warn }: ServeProvidersOptions): LlmFactory {
  return (provider, settings, credential) => {
    if (answers !== undefined && (answers.forAll || provider === 'mock')) return answers.model;
    const endpoint = selectEndpoint(access.endpoints, provider);
    if (endpoint === undefined) return undefined;
    const unsent = selectUnsentSettings(settings);
    if (unsent.length > 0)
      warn(`settings of agents that are not sent to ${endpoint.name}: ${unsent.join(', ')}`);
    return createModelClient(withKey(endpoint, credential), settings, {
      access,
      maxTokens: config.llmMaxTokens,
      temperature: config.llmTemperature,
      timeoutMs: config.llmTimeoutMs,
    });
  };
}

function selectEndpoint(endpoints: readonly LlmEndpoint[], provider: string | null): LlmEndpoint | undefined {
  const named = endpoints.find(({ name }) => name === (provider ?? 'default'));
  return named ?? (provider === null || provider === 'default' ? endpoints[0] : undefined);
}

function withKey(endpoint: LlmEndpoint, credential: Secret | null): LlmEndpoint {
  return credential === null ? endpoint : { ...endpoint, apiKey: credential };
}
