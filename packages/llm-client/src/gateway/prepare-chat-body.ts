import { z } from 'zod';
import type { OpenAiError } from '../http/open-ai-error.ts';
import type { ActiveGrant } from './grants.ts';

/** Only what the gateway decides on; everything else passes unread. */
const ChatBodySchema = z.looseObject({
  model: z.string().optional(),
  stream: z.boolean().nullish(),
  stream_options: z.record(z.string(), z.unknown()).nullish(),
});

export type PreparedChatBody =
  | { readonly ok: true; readonly bytes: Buffer; readonly promptChars: number }
  | { readonly ok: false; readonly error: OpenAiError };

/** Puts the granted model and the wish for usage into a request; bytes that need no change stay as they are. */
export function prepareChatBody(bytes: Buffer, grant: ActiveGrant): PreparedChatBody {
  const read = readObject(bytes);
  if (!read.ok) return refuse(400, 'invalid_body', read.problem);
  const { body } = read;
  const isAlias = body.model === undefined || body.model === 'default' || body.model === grant.role;
  if (!isAlias && body.model !== grant.model) {
    const message = `The model '${body.model}' is not granted to this token; use '${grant.model}'`;
    return refuse(404, 'model_not_found', message);
  }
  const wantsUsage = body.stream === true && typeof body.stream_options?.['include_usage'] !== 'boolean';
  const promptChars = charsOf(body['messages']) + charsOf(body['tools']);
  if (body.model === grant.model && !wantsUsage) return { ok: true, bytes, promptChars };
  const changed = {
    ...body,
    model: grant.model,
    ...(wantsUsage ? { stream_options: { ...body.stream_options, include_usage: true } } : {}),
  };
  return { ok: true, bytes: Buffer.from(JSON.stringify(changed)), promptChars };
}

function readObject(
  bytes: Buffer,
): { ok: true; body: z.infer<typeof ChatBodySchema> } | { ok: false; problem: string } {
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

function refuse(status: number, code: string, message: string): PreparedChatBody {
  return { ok: false, error: { status, type: 'invalid_request_error', code, message } };
}
