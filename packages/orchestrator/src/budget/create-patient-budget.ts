import type { Budget, Reservation, ReserveRequest } from '@agentswarm/llm-client';
import { readRefusal } from './read-refusal.ts';

/**
 * A budget that does not call itself used up while calls under way hold what a call needs: the call waits until
 * one of them settles. Reservations are upper bounds, so most of what they hold comes back.
 */
export function createPatientBudget(budget: Budget): Budget {
  /** Calls under way, and those that are just asking: what these get is counted before they know it. */
  let calls = 0;
  let settled = Promise.withResolvers<undefined>();
  const release = () => {
    calls -= 1;
    settled.resolve(undefined);
    settled = Promise.withResolvers();
  };
  const holding = (reservation: Reservation): Reservation => {
    let settlement: ReturnType<Reservation['settle']> | undefined;
    return {
      id: reservation.id,
      settle: (usage) => (settlement ??= reservation.settle(usage).finally(release)),
    };
  };
  const reserve = async (request: ReserveRequest): Promise<Reservation> => {
    for (;;) {
      calls += 1;
      const next = settled.promise;
      try {
        return holding(await budget.reserve(request));
      } catch (error) {
        const refusal = readRefusal(error);
        const others = calls - 1;
        if (refusal === undefined || others === 0 || refusal.spent + refusal.wanted > refusal.limit) {
          // Others may have waited for this one only.
          release();
          throw error;
        }
        calls = others;
      }
      await next;
    }
  };
  return {
    reserve,
    meter: (request) => budget.meter(request),
    setPolicy: (policy) => budget.setPolicy(policy),
    status: () => budget.status(),
    async [Symbol.asyncDispose]() {
      await budget[Symbol.asyncDispose]();
      settled.resolve(undefined);
    },
  };
}
