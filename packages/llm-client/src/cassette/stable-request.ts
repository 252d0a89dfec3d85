import type { Json } from './exchange.ts';

/** What changes between runs of the same conversation without changing what is asked. */
const VOLATILE = new Set([
  'frequency_penalty',
  'max_completion_tokens',
  'max_tokens',
  'metadata',
  'presence_penalty',
  'prompt_cache_key',
  'safety_identifier',
  'seed',
  'service_tier',
  'store',
  'stream',
  'stream_options',
  'temperature',
  'top_p',
  'user',
]);

/**
 * The body of a chat request without sampling, limits, form of the answer and identity, and with the ids of tool
 * calls numbered in order of appearance, so that a call and its result still belong together.
 */
export function stableRequestBody(body: Json): Json {
  if (!isRecord(body)) return body;
  const entries = Object.entries(body).filter(([key]) => !VOLATILE.has(key));
  const ids = new Map<Json, string>();
  const numbered = (id: Json) => {
    const known = ids.get(id) ?? `call-${ids.size + 1}`;
    ids.set(id, known);
    return known;
  };
  return Object.fromEntries(
    entries.map(([key, value]) => [
      key,
      key === 'messages' && Array.isArray(value)
        ? value.map((message) => stableMessage(message, numbered))
        : value,
    ]),
  );
}

function stableMessage(message: Json, numbered: (id: Json) => string): Json {
  if (!isRecord(message)) return message;
  const { tool_calls, tool_call_id } = message;
  return {
    ...message,
    ...(Array.isArray(tool_calls)
      ? {
          tool_calls: tool_calls.map((call) =>
            isRecord(call) && call['id'] !== undefined ? { ...call, id: numbered(call['id']) } : call,
          ),
        }
      : {}),
    ...(tool_call_id === undefined ? {} : { tool_call_id: numbered(tool_call_id) }),
  };
}

function isRecord(value: Json): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
