import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock, Logger } from '@agentswarm/core';
import { z } from 'zod';
import { sendError, type OpenAiError } from '../http/open-ai-error.ts';
import { readBody } from '../http/read-body.ts';
import { ChatRequestSchema, readConversation, type ChatRequest, type Conversation } from './chat-request.ts';
import { buildAnswer } from './completion-body.ts';
import type { Reply, Script } from './script-schema.ts';
import { selectReply } from './select-reply.ts';
import { sendAnswer } from './send-answer.ts';

const MAX_BODY_BYTES = 32 * 1024 * 1024;
const EXCERPT_CHARS = 80;

/** How a chat request is answered. */
export interface ScriptedRequest {
  /** HTTP status of the answer. */
  readonly status: number;
  /** Which answer after the last user message it is, counted from 1; absent when the request is malformed. */
  readonly step?: number;
  /** Name of the rule that answers. */
  readonly rule?: string;
  /** Why there is no answer. */
  readonly problem?: string;
}

interface ChatContext {
  readonly script: Script;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly startedAtMs: number;
  readonly onRequest: ((request: ScriptedRequest) => void) | undefined;
}

export async function answerChat(
  request: IncomingMessage,
  response: ServerResponse,
  context: ChatContext,
): Promise<void> {
  const { script, clock } = context;
  const abort = new AbortController();
  response.once('close', () => abort.abort());
  const body = await readBody(request, MAX_BODY_BYTES);
  if (!body.ok) {
    const message = `the request body exceeds ${MAX_BODY_BYTES} bytes`;
    refuse(response, context, { status: 413, code: 'request_too_large', message });
    return;
  }
  const parsed = parseChatRequest(body.bytes);
  if (!parsed.ok) {
    refuse(response, context, { status: 400, code: 'invalid_body', message: parsed.problem });
    return;
  }
  const conversation = readConversation(parsed.request);
  const decision = decide(script, conversation);
  if (!decision.ok) {
    refuse(response, context, { ...decision.error, step: conversation.step });
    return;
  }
  const { reply } = decision;
  context.onRequest?.({ status: reply.fault?.status ?? 200, step: conversation.step, rule: decision.rule });
  const waitMs = script.latencyMs + (reply.delayMs ?? 0);
  try {
    if (waitMs > 0) await clock.sleep(waitMs, abort.signal);
    await deliver(response, { reply, conversation, chat: parsed.request, bytes: body.bytes, context, abort });
  } catch (error) {
    if (!abort.signal.aborted) throw error;
    context.logger.debug({ rule: decision.rule }, 'client left before its answer was complete');
  }
}

async function deliver(
  response: ServerResponse,
  work: {
    readonly reply: Reply;
    readonly conversation: Conversation;
    readonly chat: ChatRequest;
    readonly bytes: Buffer;
    readonly context: ChatContext;
    readonly abort: AbortController;
  },
): Promise<void> {
  const { reply, conversation, chat, bytes, context, abort } = work;
  if (reply.fault !== undefined) {
    sendFault(response, reply.fault);
    return;
  }
  const answer = buildAnswer(reply, {
    id: `chatcmpl-${createHash('sha256').update(bytes).digest('hex').slice(0, 24)}`,
    createdSeconds: Math.floor(context.startedAtMs / 1000),
    model: context.script.model,
    promptText: JSON.stringify([chat.messages, chat.tools ?? []]),
    messageCount: conversation.messageCount,
  });
  await sendAnswer(response, answer, {
    stream: chat.stream === true,
    includeUsage: chat.stream_options?.include_usage === true,
    tokensPerSecond: context.script.tokensPerSecond,
    clock: context.clock,
    signal: abort.signal,
  });
}

function parseChatRequest(
  bytes: Buffer,
): { ok: true; request: ChatRequest } | { ok: false; problem: string } {
  try {
    const parsed = ChatRequestSchema.safeParse(JSON.parse(bytes.toString('utf8')));
    if (parsed.success) return { ok: true, request: parsed.data };
    return {
      ok: false,
      problem: `the request is no chat completion request: ${z.prettifyError(parsed.error)}`,
    };
  } catch (error) {
    return { ok: false, problem: `the request body is no JSON: ${String(error)}` };
  }
}

type Refusal = Pick<OpenAiError, 'status' | 'code' | 'message'> & { readonly step?: number };

function decide(
  script: Script,
  conversation: Conversation,
): { ok: true; rule: string; reply: Reply } | { ok: false; error: Refusal } {
  if (conversation.model !== script.model) {
    const message = `The model '${conversation.model}' does not exist; this server plays '${script.model}'`;
    return { ok: false, error: { status: 404, code: 'model_not_found', message } };
  }
  const selection = selectReply(script, conversation);
  if (selection.ok) return selection;
  const message =
    `The script of model ${script.model} has no answer to this request: ${selection.problem}. ` +
    `Step ${conversation.step}; system begins ${excerpt(conversation.system)}; ` +
    `last user message begins ${excerpt(conversation.lastUser)}`;
  return { ok: false, error: { status: 400, code: 'unscripted_request', message } };
}

function refuse(response: ServerResponse, context: ChatContext, refusal: Refusal): void {
  const { step, ...error } = refusal;
  context.onRequest?.({
    status: error.status,
    problem: error.message,
    ...(step === undefined ? {} : { step }),
  });
  context.logger.warn({ status: error.status, code: error.code }, 'scripted model has no answer');
  sendError(response, { type: 'invalid_request_error', ...error });
}

function sendFault(response: ServerResponse, fault: NonNullable<Reply['fault']>): void {
  const headers = fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) };
  const type =
    fault.status === 429
      ? 'rate_limit_error'
      : fault.status >= 500
        ? 'server_error'
        : 'invalid_request_error';
  const message = `scripted fault ${fault.status}`;
  sendError(response, { status: fault.status, type, code: 'scripted_fault', message }, headers);
}

function excerpt(text: string): string {
  return JSON.stringify(text.slice(0, EXCERPT_CHARS));
}
