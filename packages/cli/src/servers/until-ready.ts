import { toSwarmError, type Clock } from '@agentswarm/core';
import { probeEndpoint, type LlmEndpoint } from '@agentswarm/llm-client';
import type { ProcessEnd } from '../spawn.ts';
import { describeServerEnd, serverNotStarted, type ServerOutput } from './server-not-started.ts';

const POLL_INTERVAL_MS = 500;

export interface ReadyOptions {
  readonly server: ServerOutput;
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Resolves when the server's process does. */
  readonly ended: Promise<ProcessEnd>;
  readonly signal: AbortSignal;
}

/**
 * Asks an endpoint again and again for its models, until the configured one is among them.
 *
 * @throws {CliError} CLI_SERVER_NOT_STARTED when its process ends before, or the time is up.
 */
export async function untilReady(endpoint: LlmEndpoint, options: ReadyOptions): Promise<void> {
  const { server, timeoutMs, clock, ended, signal } = options;
  const early = new AbortController();
  let end: ProcessEnd | undefined;
  void ended.then((how) => {
    end = how;
    early.abort();
  });
  const waiting = AbortSignal.any([signal, early.signal]);
  const deadlineMs = clock.nowMs() + timeoutMs;
  for (;;) {
    const leftMs = Math.max(1, deadlineMs - clock.nowMs());
    const problem = await findProblem(() => probeEndpoint(endpoint, { signal: waiting, timeoutMs: leftMs }));
    signal.throwIfAborted();
    if (end !== undefined) throw await serverNotStarted(server, describeServerEnd(end));
    if (problem === undefined) return;
    if (clock.nowMs() + POLL_INTERVAL_MS > deadlineMs)
      throw await serverNotStarted(server, `did not come up within ${timeoutMs / 1000} s: ${problem}`);
    // Aborted, it is the next question that fails.
    await findProblem(() => clock.sleep(POLL_INTERVAL_MS, waiting));
  }
}

/** What a failure says; undefined when there is none. */
async function findProblem(work: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return toSwarmError(error).message;
  }
}
