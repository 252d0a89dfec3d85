import { z } from 'zod';
import type { OpenAiError } from '../http/open-ai-error.ts';
import type { ActiveGrant } from './grants.ts';

const count = z.int().min(1).nullish();

/** Only what the gateway decides on; everything else passes unread. */
const ChatBodySchema = z.looseObject({
  model: z.string().optional(),
  stream: z.boolean().nullish(),
  stream_options: z.record(z.string(), z.unknown()).nullish(),
  max_tokens: count,
  max_completion_tokens: count,
  n: count,
});
type ChatBody = z.infer<typeof ChatBodySchema>;

/** A checked request, ready to be sent to any endpoint. */
export interface PreparedChatBody {
  readonly promptChars: number;
  /** Most tokens of all answers together; undefined when the request sets no bound. */
  readonly maxCompletionTokens: number | undefined;
  readonly wantsJson: boolean;
  /** The body for one endpoint; bytes that need no change stay as they are. */
  bytesFor(target: { readonly model: string; readonly bound?: Readonly<Record<string, number>> }): Buffer;
}

export type BodyPreparation =
  | { readonly ok: true; readonly body: PreparedChatBody }
  | { readonly ok: false; readonly error: OpenAiError };

/** Checks a request against its grant. */
export function prepareChatBody(bytes: Buffer, grant: ActiveGrant): BodyPreparation {
  const read = readObject(bytes);
  if (!read.ok) return refuse(400, 'invalid_body', read.problem);
  const { body } = read;
  const granted = [grant.model, 'default', grant.role, ...grant.models];
  if (body.model !== undefined && !granted.includes(body.model)) {
    const message = `The model '${body.model}' is not granted to this token; use '${grant.model}'`;
    return refuse(404, 'model_not_found', message);
  }
  const perAnswer = body.max_completion_tokens ?? body.max_tokens ?? undefined;
  return {
    ok: true,
    body: {
      promptChars: charsOf(body['messages']) + charsOf(body['tools']) + charsOf(body['response_format']),
      maxCompletionTokens: perAnswer === undefined ? undefined : perAnswer * (body.n ?? 1),
      wantsJson: body['response_format'] !== undefined,
      bytesFor: (target) => bytesFor(bytes, body, target),
    },
  };
}

function bytesFor(
  bytes: Buffer,
  body: ChatBody,
  { model, bound }: { readonly model: string; readonly bound?: Readonly<Record<string, number>> },
): Buffer {
  const wantsUsage = body.stream === true && typeof body.stream_options?.['include_usage'] !== 'boolean';
  if (body.model === model && !wantsUsage && bound === undefined) return bytes;
  const changed = {
    ...body,
    model,
    ...(wantsUsage ? { stream_options: { ...body.stream_options, include_usage: true } } : {}),
    ...bound,
  };
  return Buffer.from(JSON.stringify(changed));
}

function readObject(bytes: Buffer): { ok: true; body: ChatBody } | { ok: false; problem: string } {
  try {
    const parsed = ChatBodySchema.safeParse(JSON.parse(bytes.toString('utf8')));
    if (parsed.success) return { ok: true, body: parsed.data };
    return { ok: false, problem: `the request body is not usable: ${z.prettifyError(parsed.error)}` };
  } catch (error) {
    return { ok: false, problem: `the request body is no JSON: ${String(error)}` };
  }
}

/** Characters of every string in a value: near enough to what the model reads. */
function charsOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce<number>((chars, item) => chars + charsOf(item), 0);
}

function refuse(status: number, code: string, message: string): BodyPreparation {
  return { ok: false, error: { status, type: 'invalid_request_error', code, message } };
}
