import { ModelRoleSchema, type SwarmConfig } from '@agentswarm/core';
import {
  priceAt,
  servesModel,
  type LlmEndpoint,
  type PricedModel,
  type PriceList,
} from '@agentswarm/llm-client';

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
    const served = [...new Set(wanted)].filter((model) => servesModel(endpoint, model));
    return served.map((model) => ({
      provider: endpoint.name,
      model,
      price: priceAt(endpoint, model, prices),
    }));
  });
}
