import { Secret, systemClock, type Clock, type ModelCalledEvent } from '@agentswarm/core';
import { createLlmClient, type LlmClientOptions } from '@agentswarm/llm-client';

export const KEY = 'sk-canary-6f1d0c2b9e';

/** A clock whose sleeps are recorded and over at once. */
export function createImpatientClock(): Clock & { readonly slept: number[] } {
  const slept: number[] = [];
  let skippedMs = 0;
  return {
    slept,
    nowMs: () => systemClock.nowMs() + skippedMs,
    async sleep(delayMs, signal) {
      slept.push(delayMs);
      skippedMs += delayMs;
      signal?.throwIfAborted();
      await Promise.resolve();
    },
  };
}

export function setUpClient(baseUrl: string, options: Partial<LlmClientOptions> = {}) {
  const events: ModelCalledEvent[] = [];
  const clock = createImpatientClock();
  const llm = createLlmClient({
    endpoints: [{ name: 'test-endpoint', baseUrl, apiKey: new Secret(KEY), model: 'm1' }],
    maxTokens: 100,
    temperature: 0.5,
    timeoutMs: 5_000,
    clock,
    onCall: (event) => events.push(event),
    ...options,
  });
  return { llm, events, slept: clock.slept };
}

export const HELLO = { role: 'planner', messages: [{ role: 'user', content: 'Hello' }] } as const;
