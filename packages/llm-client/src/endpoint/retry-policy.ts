import type { LlmError } from '../errors.ts';

const MAX_ATTEMPTS = 3;
const BASE_DELAY_MS = 500;
const MAX_DELAY_MS = 8_000;
/** A server that asks for more is not waited for: the caller decides. */
const MAX_RETRY_AFTER_MS = 300_000;

/**
 * How long to wait before the next try, or undefined to give up.
 * `attempt` counts from 1; `random` is from [0, 1).
 */
export function planRetry(error: LlmError, attempt: number, random: number): number | undefined {
  if (attempt >= MAX_ATTEMPTS || !error.traits.retryable) return undefined;
  // The same request would most likely need the same time again; the caller chose the limit.
  if (error.code === 'TIMED_OUT') return undefined;
  const asked = error.details['retryAfterMs'];
  if (typeof asked === 'number') return asked <= MAX_RETRY_AFTER_MS ? asked : undefined;
  const ceiling = Math.min(MAX_DELAY_MS, BASE_DELAY_MS * 2 ** (attempt - 1));
  return Math.round(ceiling * (0.5 + random / 2));
}

/** Whether another endpoint, or another model there, may do better. */
export function mayGoElsewhere(error: LlmError): boolean {
  return error.traits.retryable || error.code === 'MODEL_CRASHED' || isCreditSpent(error);
}

/** Only another provider can help: the account is empty, there or by our own budget. */
export function isCreditSpent(error: LlmError): boolean {
  const { status, scope } = error.details;
  return status === 402 || (error.code === 'BUDGET_EXHAUSTED' && scope === 'provider');
}
