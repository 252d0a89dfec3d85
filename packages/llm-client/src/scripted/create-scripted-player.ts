import { createHash } from 'node:crypto';
import type { Logger } from '@agentswarm/core';
import { z } from 'zod';
import type { OpenAiError } from '../http/open-ai-error.ts';
import type { ModelPlayer, PlayedAnswer } from '../player/model-player.ts';
import { playedCompletion } from '../player/played-completion.ts';
import { playedError, playedModels } from '../player/played-json.ts';
import { buildAnswer } from './build-answer.ts';
import { ChatRequestSchema, readConversation, type ChatRequest, type Conversation } from './chat-request.ts';
import type { Reply, Script } from './script-schema.ts';
import { selectReply } from './select-reply.ts';

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

export interface ScriptedContext {
  readonly logger: Logger;
  readonly startedAtMs: number;
  readonly onRequest: ((request: ScriptedRequest) => void) | undefined;
}

/** A player of authored answers, chosen by what the request holds. */
export function createScriptedPlayer(script: Script, context: ScriptedContext): ModelPlayer {
  const createdSeconds = Math.floor(context.startedAtMs / 1000);
  return {
    async answer({ path, body }) {
      if (path === '/models') return playedModels([script.model], { createdSeconds, ownedBy: 'scripted' });
      const parsed = parseChatRequest(body);
      if (!parsed.ok) {
        return refuse(context, { status: 400, code: 'invalid_body', message: parsed.problem });
      }
      const conversation = readConversation(parsed.request);
      const decision = decide(script, conversation);
      if (!decision.ok) return refuse(context, { ...decision.error, step: conversation.step });
      const { reply, rule } = decision;
      context.onRequest?.({ status: reply.fault?.status ?? 200, step: conversation.step, rule });
      return play(reply, { script, conversation, chat: parsed.request, body, createdSeconds });
    },
  };
}

function play(
  reply: Reply,
  work: {
    readonly script: Script;
    readonly conversation: Conversation;
    readonly chat: ChatRequest;
    readonly body: string;
    readonly createdSeconds: number;
  },
): PlayedAnswer {
  const { script, conversation, chat, body, createdSeconds } = work;
  const delayMs = script.latencyMs + (reply.delayMs ?? 0);
  if (reply.fault !== undefined) return { ...playFault(reply.fault), delayMs };
  const answer = buildAnswer(reply, {
    id: `chatcmpl-${createHash('sha256').update(body).digest('hex').slice(0, 24)}`,
    createdSeconds,
    model: script.model,
    promptText: JSON.stringify([chat.messages, chat.tools ?? []]),
    messageCount: conversation.messageCount,
  });
  const { tokensPerSecond } = script;
  return playedCompletion(answer, {
    stream: chat.stream === true,
    includeUsage: chat.stream_options?.include_usage === true,
    delayMs,
    durationMs: tokensPerSecond === undefined ? 0 : (answer.usage.completion_tokens / tokensPerSecond) * 1000,
  });
}

function parseChatRequest(body: string): { ok: true; request: ChatRequest } | { ok: false; problem: string } {
  try {
    const parsed = ChatRequestSchema.safeParse(JSON.parse(body));
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

function refuse(context: ScriptedContext, refusal: Refusal): PlayedAnswer {
  const { step, ...error } = refusal;
  context.onRequest?.({
    status: error.status,
    problem: error.message,
    ...(step === undefined ? {} : { step }),
  });
  context.logger.warn({ status: error.status, code: error.code }, 'scripted model has no answer');
  return playedError({ type: 'invalid_request_error', ...error });
}

function playFault(fault: NonNullable<Reply['fault']>): PlayedAnswer {
  const headers = fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) };
  const type =
    fault.status === 429
      ? 'rate_limit_error'
      : fault.status >= 500
        ? 'server_error'
        : 'invalid_request_error';
  const message = `scripted fault ${fault.status}`;
  return playedError({ status: fault.status, type, code: 'scripted_fault', message }, headers);
}

function excerpt(text: string): string {
  return JSON.stringify(text.slice(0, EXCERPT_CHARS));
}
