import type { Budget, LlmEndpoint, SpendScope } from '@agentswarm/llm-client';
import { readRefusal } from './read-refusal.ts';

/** What costs money while time passes. */
export interface Rent {
  /** Charges the hours of servers from now on, used or not. */
  servers(): Promise<AsyncDisposable>;
  /** Charges the seconds of one attempt's sandbox from now on. */
  sandbox(attempt: Pick<SpendScope, 'taskId' | 'attemptId'>): Promise<AsyncDisposable>;
}

/** Rent that nobody asks for. */
export const NO_RENT: Rent = {
  servers: async () => new AsyncDisposableStack(),
  sandbox: async () => new AsyncDisposableStack(),
};

/**
 * Charges rent to a budget, by the prices of endpoints. That a bound is reached is no error here: a reporting
 * budget has written it into the journal, where the run reads it.
 */
export function createRent(budget: Budget, endpoints: readonly LlmEndpoint[]): Rent {
  const sandboxes = rented(endpoints, ({ price }) => price?.usdPerSandboxSecond);
  return {
    servers: () => startMeters(budget, rentedServers(endpoints)),
    sandbox: (attempt) =>
      startMeters(
        budget,
        sandboxes.map((each) => ({ ...each, ...attempt })),
      ),
  };
}

/** What endpoints rent out by time, in dollars a second. */
type Rented = readonly { readonly provider: string; readonly usdPerSecond: number }[];

/** Servers that cost money while they run, used or not. */
export function rentedServers(endpoints: readonly LlmEndpoint[]): Rented {
  return rented(endpoints, ({ price }) => (price?.usdPerServerHour ?? 0) / 3600);
}

function rented(
  endpoints: readonly LlmEndpoint[],
  usdPerSecondOf: (endpoint: LlmEndpoint) => number | undefined,
): Rented {
  return endpoints.flatMap((endpoint) => {
    const usdPerSecond = usdPerSecondOf(endpoint) ?? 0;
    return usdPerSecond > 0 ? [{ provider: endpoint.name, usdPerSecond }] : [];
  });
}

async function startMeters(
  budget: Budget,
  requests: readonly (SpendScope & { readonly usdPerSecond: number })[],
): Promise<AsyncDisposable> {
  await using opened = new AsyncDisposableStack();
  for (const request of requests) {
    try {
      opened.use(await budget.meter({ ...request, onExhausted: () => undefined }));
    } catch (error) {
      if (readRefusal(error) === undefined) throw error;
    }
  }
  return opened.move();
}
