import { ModelRoleSchema, type SwarmConfig } from '@agentswarm/core';
import type { LlmEndpoint, Price, PricedModel } from '@agentswarm/llm-client';

/** What a model is known to cost where its endpoint states nothing. */
export interface PriceList {
  find(model: string): { readonly price?: Price | undefined } | undefined;
}

/** Every model a run may call at an endpoint, and its price: the endpoint's, else that of the list. */
export function listPricedModels(
  endpoints: readonly LlmEndpoint[],
  models: SwarmConfig['models'],
  prices: PriceList,
): PricedModel[] {
  return endpoints.flatMap((endpoint) => {
    const roles = endpoint.roles ?? ModelRoleSchema.options;
    const wanted = roles.flatMap((role) => {
      const choice = models[role];
      if (choice === undefined) return [endpoint.model];
      return typeof choice === 'string' ? [choice] : [...choice.prefer, ...choice.fallback];
    });
    const served = [...new Set(wanted)].filter((model) => serves(endpoint, model));
    return served.map((model) => ({
      provider: endpoint.name,
      model,
      price: endpoint.price ?? prices.find(model)?.price,
    }));
  });
}

function serves(endpoint: LlmEndpoint, model: string): boolean {
  return endpoint.models === undefined || endpoint.model === model || endpoint.models.includes(model);
}
