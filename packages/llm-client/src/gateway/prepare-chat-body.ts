import { z } from 'zod';
import type { OpenAiError } from '../http/open-ai-error.ts';
import type { ActiveGrant } from './grants.ts';

const tokens = z.int().min(1).max(1_000_000_000).nullish();
const answers = z.int().min(1).max(1_000).nullish();
/** Would spend what nobody counts: on models that are not granted, or on services of the provider. */
const refused = z.null().optional();

/** Only what the gateway decides on; everything else passes unread. */
const ChatBodySchema = z.looseObject({
  model: z.string().optional(),
  stream: z.boolean().nullish(),
  stream_options: z.record(z.string(), z.unknown()).nullish(),
  max_tokens: tokens,
  max_completion_tokens: tokens,
  n: answers,
  best_of: answers,
  // Other tiers cost more than the price that is known.
  service_tier: z.enum(['auto', 'default', 'flex']).nullish(),
  models: refused,
  plugins: refused,
  web_search_options: refused,
});
type ChatBody = z.infer<typeof ChatBodySchema>;

const CHECKED_KEYS: ReadonlySet<string> = new Set(Object.keys(ChatBodySchema.shape));
const UNREAD_KEYS: ReadonlySet<string> = new Set(['model', 'stream_options', 'service_tier']);

/** A checked request, ready to be sent to any endpoint. */
export interface PreparedChatBody {
  readonly promptChars: number;
  /** Most tokens of one answer: the request's own bound, else the default. */
  readonly maxTokensPerAnswer: number;
  /** Most tokens of all answers together. */
  readonly maxCompletionTokens: number;
  readonly wantsJson: boolean;
  /** The body for one endpoint; `bound` takes the place of the request's own bound on an answer. */
  bytesFor(target: { readonly model: string; readonly bound?: Readonly<Record<string, number>> }): Buffer;
}

export type BodyPreparation =
  | { readonly ok: true; readonly body: PreparedChatBody }
  | { readonly ok: false; readonly error: OpenAiError };

/** Checks a request against its grant. */
export function prepareChatBody(
  bytes: Buffer,
  grant: ActiveGrant,
  defaultMaxTokens: number,
): BodyPreparation {
  const read = readObject(bytes);
  if (!read.ok) return refuse(400, 'invalid_body', read.problem);
  const { body } = read;
  const granted = [grant.model, 'default', grant.role, ...grant.models];
  if (body.model !== undefined && !granted.includes(body.model)) {
    const message = `The model '${body.model}' is not granted to this token; use '${grant.model}'`;
    return refuse(404, 'model_not_found', message);
  }
  // Which of the two bounds counts depends on the server.
  const stated = Math.max(body.max_completion_tokens ?? 0, body.max_tokens ?? 0);
  const maxTokensPerAnswer = stated === 0 ? defaultMaxTokens : stated;
  return {
    ok: true,
    body: {
      promptChars: promptCharsOf(body),
      maxTokensPerAnswer,
      maxCompletionTokens: maxTokensPerAnswer * Math.max(body.n ?? 1, body.best_of ?? 1),
      wantsJson: body['response_format'] !== undefined,
      bytesFor: (target) => bytesFor(body, target),
    },
  };
}

/**
 * Written anew also where nothing changes: of a key that is there twice, or in a disguise of escapes, another parser
 * could read another value than the one that was checked.
 */
function bytesFor(
  body: ChatBody,
  { model, bound }: { readonly model: string; readonly bound?: Readonly<Record<string, number>> },
): Buffer {
  const changed = {
    ...body,
    model,
    // Also where the client does not want it: what is spent cannot always be seen in the answer.
    ...(body.stream === true ? { stream_options: { ...body.stream_options, include_usage: true } } : {}),
    ...(bound === undefined ? {} : { max_tokens: undefined, max_completion_tokens: undefined, ...bound }),
  };
  return Buffer.from(JSON.stringify(changed));
}

function readObject(bytes: Buffer): { ok: true; body: ChatBody } | { ok: false; problem: string } {
  try {
    const parsed = ChatBodySchema.safeParse(JSON.parse(bytes.toString('utf8')));
    if (!parsed.success) {
      return { ok: false, problem: `the request body is not usable: ${z.prettifyError(parsed.error)}` };
    }
    const disguised = Object.keys(parsed.data).find(isDisguised);
    if (disguised === undefined) return { ok: true, body: parsed.data };
    return { ok: false, problem: `the request body is not usable: unknown key ${JSON.stringify(disguised)}` };
  } catch (error) {
    return { ok: false, problem: `the request body is no JSON: ${String(error)}` };
  }
}

/** Some servers take a key for another that differs by case only. */
function isDisguised(key: string): boolean {
  return !CHECKED_KEYS.has(key) && CHECKED_KEYS.has(key.toUpperCase().toLowerCase());
}

/** Near enough to what the model reads: the strings of the messages, and everything else that is no mere switch. */
function promptCharsOf(body: ChatBody): number {
  return Object.entries(body).reduce((chars, [key, value]) => {
    if (UNREAD_KEYS.has(key)) return chars;
    return chars + (key === 'messages' ? charsOf(value) : sizeOf(value));
  }, 0);
}

function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  return typeof value === 'object' && value !== null ? JSON.stringify(value).length : 0;
}

/** Characters of every string in a value. */
function charsOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce<number>((chars, item) => chars + charsOf(item), 0);
}

function refuse(status: number, code: string, message: string): BodyPreparation {
  return { ok: false, error: { status, type: 'invalid_request_error', code, message } };
}
