import type { LlmEndpoint } from '../endpoint/endpoint.ts';
import { isCreditSpent, planRetry } from '../endpoint/retry-policy.ts';
import { LlmError } from '../errors.ts';
import type { Reservation } from '../money/budget.ts';
import { triedName, type Route } from '../routing/router.ts';
import type { Connection } from './connection.ts';
import { openCall, type OpenCall } from './open-call.ts';
import type { PreparedRequest } from './prepared-request.ts';
import { promptTokens } from './prompt-chars.ts';

/** The requests of one call: every endpoint once, then again after a wait, for as many rounds as its errors allow. */
export interface CallSequence {
  /** Waits for an endpoint and the money. @throws {LlmError} the newest failure when no request may follow. */
  open(): Promise<OpenCall>;
}

export function createCallSequence(connection: Connection, request: PreparedRequest): CallSequence {
  const prompt = promptTokens(request);
  const rounds = createRounds(connection, request);

  const acquire = async (): Promise<Route> => {
    for (;;) {
      request.signal?.throwIfAborted();
      const route = await connection.router.acquire({
        role: request.role,
        models: request.models,
        conversation: request.conversation,
        estimatedTokens: prompt + request.maxTokens,
        tried: rounds.tried,
        ...(request.signal === undefined ? {} : { signal: request.signal }),
      });
      if (route !== undefined) return route;
      await rounds.next();
    }
  };

  const reserve = async (route: Route): Promise<Reservation | undefined> =>
    await connection.budget?.reserve({
      provider: route.endpoint.name,
      model: route.model,
      price: connection.priceOf(route),
      ...request.attribution,
      promptTokens: prompt,
      maxCompletionTokens: request.maxTokens,
    });

  return {
    async open() {
      for (;;) {
        const route = await acquire();
        const onPass = (error: LlmError) => rounds.pass(triedName(route, error), error);
        try {
          return openCall(connection, request, { route, reservation: await reserve(route), onPass });
        } catch (error) {
          const elsewhere = error instanceof LlmError && isCreditSpent(error);
          route.finish(elsewhere ? { kind: 'failed', error } : { kind: 'aborted' });
          if (!elsewhere) throw error;
          onPass(error);
        }
      }
    },
  };
}

/** Which endpoints of the current round failed, and with what. */
function createRounds({ router, clock, logger }: Connection, { signal }: PreparedRequest) {
  const failures = new Map<string, LlmError>();
  const started = new Set<string>();
  let round = 1;
  return {
    get tried(): ReadonlySet<string> {
      return new Set(failures.keys());
    },
    pass(tried: string, error: LlmError): void {
      failures.set(tried, error);
    },
    /** Starts a local server that is stopped, else waits as short as the most hopeful failure allows. */
    async next(): Promise<void> {
      const stopped = router.endpoints.filter(
        ({ name, localServer }) =>
          localServer !== undefined && failures.get(name)?.code === 'ENDPOINT_UNREACHABLE',
      );
      const startable = stopped.find(
        ({ name, localServer }) => localServer?.start !== undefined && !started.has(name),
      );
      if (startable !== undefined) {
        started.add(startable.name);
        await startServer(startable, signal);
        failures.clear();
        return;
      }
      if (stopped.length > 0 && stopped.length === failures.size) throw modelWait(stopped);
      const errors = [...failures.values()];
      const delays = errors.flatMap((error) => planRetry(error, round, Math.random()) ?? []);
      const newest = errors.at(-1) ?? new LlmError('ENDPOINT_INVALID', 'no endpoint could be asked');
      if (delays.length === 0) throw newest;
      const delayMs = Math.min(...delays);
      logger.warn({ code: newest.code, round, delayMs }, 'model call will be tried again');
      await clock.sleep(delayMs, signal);
      for (const [name, error] of failures) {
        if (planRetry(error, round, 0) !== undefined) failures.delete(name);
      }
      round += 1;
    },
  };
}

async function startServer(endpoint: LlmEndpoint, signal: AbortSignal | undefined): Promise<void> {
  try {
    await endpoint.localServer?.start?.(signal);
  } catch (cause) {
    signal?.throwIfAborted();
    throw modelWait([endpoint], cause);
  }
}

function modelWait(stopped: readonly LlmEndpoint[], cause?: unknown): LlmError {
  const names = stopped.map(({ name, model }) => `${model} at endpoint ${name}`);
  const problem = cause === undefined ? 'is not running' : 'could not be started';
  return new LlmError('MODEL_WAIT', `waiting for a model: ${names.join(', ')} ${problem}`, {
    details: { endpoints: stopped.map(({ name }) => name), models: stopped.map(({ model }) => model) },
    ...(cause === undefined ? {} : { cause }),
  });
}
