import type { LlmEndpoint } from '@agentswarm/llm-client';

/** Servers that cost money while they run, used or not. */
export function rentedServers(
  endpoints: readonly LlmEndpoint[],
): readonly { readonly provider: string; readonly usdPerSecond: number }[] {
  return endpoints.flatMap(({ name: provider, price }) => {
    const usdPerSecond = (price?.usdPerServerHour ?? 0) / 3600;
    return usdPerSecond > 0 ? [{ provider, usdPerSecond }] : [];
  });
}
