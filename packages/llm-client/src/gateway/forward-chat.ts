import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ExchangeTap } from '../cassette/exchange-recorder.ts';
import { createCallReporter, type CallReporter } from '../endpoint/call-reporter.ts';
import { errorOfStatus } from '../endpoint/classify-failure.ts';
import { isCreditSpent, mayGoElsewhere } from '../endpoint/retry-policy.ts';
import { NO_USAGE, readUsage } from '../endpoint/token-usage.ts';
import { LlmError } from '../errors.ts';
import { sendError } from '../http/open-ai-error.ts';
import { chooseModels } from '../models/choose-models.ts';
import { triedName, type Route } from '../routing/router.ts';
import { tokensOfChars } from '../text/estimate-tokens.ts';
import { reserveMoney, type CallMoney } from './call-money.ts';
import type { ForwardedCall } from './forwarded-call.ts';
import { passThrough } from './pass-through.ts';
import { refusalOf } from './refusal.ts';
import { readUpstreamError, sendUpstreamError, type UpstreamError } from './upstream-answer.ts';
import type { UpstreamStart } from './upstream.ts';

/** What the client is told when no endpoint is left to try. */
type Failure =
  | { readonly kind: 'refusal'; readonly error: LlmError }
  | { readonly kind: 'answer'; readonly answer: UpstreamError; readonly error: LlmError };

/**
 * Sends a chat completion request on and its answer back. Until an endpoint begins to answer, a failure that
 * another endpoint may not have is tried there, once each; agents repeat requests themselves.
 */
export async function forwardChat(response: ServerResponse, call: ForwardedCall): Promise<void> {
  const tried = new Set<string>();
  let failure: Failure | undefined;
  for (;;) {
    const next = await openRoute(call, tried);
    if (next.kind === 'failed') {
      tellFailure(response, call, failure ?? { kind: 'refusal', error: next.error });
      return;
    }
    const { route } = next;
    failure = await tryRoute(response, call, route);
    if (failure === undefined) return;
    tried.add(triedName(route, failure.error));
    if (call.signal.aborted || !mayGoElsewhere(failure.error)) {
      tellFailure(response, call, failure);
      return;
    }
  }
}

type Opened =
  { readonly kind: 'route'; readonly route: Route } | { readonly kind: 'failed'; readonly error: LlmError };

async function openRoute(call: ForwardedCall, tried: ReadonlySet<string>): Promise<Opened> {
  const { router, grant, body, signal, maxWaitMs } = call;
  const promptTokens = tokensOfChars(body.promptChars);
  const { maxCompletionTokens, wantsJson } = body;
  const preference = { prefer: grant.models };
  try {
    const route = await router.acquire({
      role: grant.role,
      models: chooseModels({
        ...{ role: grant.role, preference, notes: call.notes, promptTokens, wantsJson },
        expectedOutputTokens: maxCompletionTokens,
      }),
      conversation: grant.conversation,
      estimatedTokens: promptTokens + maxCompletionTokens,
      tried,
      maxWaitMs,
      signal,
    });
    if (route !== undefined) return { kind: 'route', route };
    return { kind: 'failed', error: new LlmError('ENDPOINT_UNREACHABLE', 'no endpoint could be asked') };
  } catch (error) {
    if (error instanceof LlmError) return { kind: 'failed', error };
    if (signal.aborted) return { kind: 'failed', error: new LlmError('ANSWER_CUT', 'the client left') };
    throw error;
  }
}

/** Sends one request. Gives nothing once the answer is on its way to the client. */
async function tryRoute(
  response: ServerResponse,
  call: ForwardedCall,
  route: Route,
): Promise<Failure | undefined> {
  const reserved = await reserveFor(call, route);
  if (reserved instanceof LlmError) return { kind: 'refusal', error: reserved };
  const reporter = createCallReporter({ ...call, ...call.grant, route, settle: reserved.settle });
  try {
    return await send(response, call, { route, reporter, bound: reserved.bound });
  } catch (error) {
    // Whatever it was: the slot and the money are not lost with it.
    await reporter.end({ failure: 'aborted', usage: NO_USAGE, httpStatus: undefined, model: undefined });
    throw error;
  }
}

async function send(
  response: ServerResponse,
  call: ForwardedCall,
  sending: {
    readonly route: Route;
    readonly reporter: CallReporter;
    readonly bound: CallMoney['bound'] | undefined;
  },
): Promise<Failure | undefined> {
  const { route, reporter, bound } = sending;
  const { endpoint, model } = route;
  const bytes = call.body.bytesFor({ model, ...(bound === undefined ? {} : { bound }) });
  const request = { method: 'POST', path: '/chat/completions' } as const;
  const tap = call.recorder?.begin({ ...request, endpoint: endpoint.name, body: bytes.toString('utf8') });
  // The client may leave while money is reserved; then nothing is sent.
  const isSent = !call.signal.aborted;
  const start = await call.upstreamOf(endpoint).open({ ...request, body: bytes, signal: call.signal });
  if (start.kind !== 'response') {
    tap?.end('cut');
    return await reportUnanswered(call, { route, start, reporter, isSent });
  }
  const answer = start.response;
  tap?.head(answer.statusCode ?? 0, headersOf(answer));
  if (isSuccess(answer)) {
    await passThrough(response, { call, route, reporter, answer, tap });
    return undefined;
  }
  return await reportRefused(call, { route, answer, reporter, tap });
}

/** Gives the refusal when there is no money for the request. */
async function reserveFor(call: ForwardedCall, route: Route): Promise<CallMoney | LlmError> {
  try {
    return await reserveMoney(call, { route, grant: call.grant, body: call.body });
  } catch (error) {
    const isOfProvider = error instanceof LlmError && isCreditSpent(error);
    route.finish(isOfProvider ? { kind: 'failed', error } : { kind: 'aborted' });
    if (error instanceof LlmError) return error;
    throw error;
  }
}

async function reportRefused(
  call: ForwardedCall,
  refused: {
    readonly route: Route;
    readonly answer: IncomingMessage;
    readonly reporter: CallReporter;
    readonly tap: ExchangeTap | undefined;
  },
): Promise<Failure> {
  const { route, reporter, tap } = refused;
  const answer = await readUpstreamError(refused.answer, route.endpoint);
  tap?.chunk(answer.bytes);
  tap?.end('complete');
  const error = errorOfStatus(
    { status: answer.status, text: answer.bytes.toString('utf8'), retryAfter: answer.retryAfter },
    {
      endpoint: route.endpoint,
      model: route.model,
      nowMs: call.clock.nowMs(),
      promptTokens: tokensOfChars(call.body.promptChars),
    },
  );
  const failure = call.signal.aborted ? 'aborted' : error;
  await reporter.end({ failure, usage: NO_USAGE, httpStatus: answer.status, model: undefined });
  return { kind: 'answer', answer, error };
}

async function reportUnanswered(
  call: ForwardedCall,
  {
    route,
    start,
    reporter,
    isSent,
  }: {
    readonly route: Route;
    readonly start: Exclude<UpstreamStart, { kind: 'response' }>;
    readonly reporter: CallReporter;
    readonly isSent: boolean;
  },
): Promise<Failure> {
  const { endpoint, model } = route;
  const aborted = call.signal.aborted;
  const details = { endpoint: endpoint.name, model };
  const error =
    start.kind === 'timed_out'
      ? new LlmError('TIMED_OUT', `endpoint ${endpoint.name} gave no answer in time`, { details })
      : new LlmError(
          'ENDPOINT_UNREACHABLE',
          `endpoint ${endpoint.name} cannot be reached: ${codeOf(start.error)}`,
          {
            details,
          },
        );
  const mayHaveRead = isSent && (start.kind === 'timed_out' || aborted);
  const readByServer = readUsage(undefined, { prompt: call.body.promptChars, completion: 0 });
  await reporter.end({
    failure: aborted ? 'aborted' : error,
    usage: mayHaveRead ? readByServer : NO_USAGE,
    httpStatus: undefined,
    model: undefined,
  });
  if (!aborted) call.logger.warn({ endpoint: endpoint.name, reason: start.kind }, 'endpoint gave no answer');
  return { kind: 'refusal', error };
}

function tellFailure(response: ServerResponse, call: ForwardedCall, failure: Failure): void {
  if (call.signal.aborted) response.destroy();
  else if (failure.kind === 'answer') sendUpstreamError(response, failure.answer);
  else {
    const { error, headers } = refusalOf(failure.error);
    sendError(response, error, headers);
  }
}

function isSuccess({ statusCode = 0 }: IncomingMessage): boolean {
  return statusCode >= 200 && statusCode < 300;
}

function headersOf(answer: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value)]));
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'no answer';
}
