import type { Price } from '@agentswarm/core';
import type { LlmEndpoint } from '../endpoint/endpoint.ts';

/** What models are known to cost where their endpoint states nothing; a model catalogue is one. */
export interface PriceList {
  find(model: string): { readonly price?: Price | undefined } | undefined;
}

/** What a model costs at an endpoint: the endpoint's price, else that of the list; undefined when nobody stated one. */
export function priceAt(endpoint: LlmEndpoint, model: string, prices: PriceList): Price | undefined {
  return endpoint.price ?? prices.find(model)?.price;
}
