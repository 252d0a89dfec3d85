import type { Captures } from './match-conditions.ts';
import type { Reply } from './script-schema.ts';

/** Puts captured values for `${name}` into every string; names that were not captured stay, as code needs. */
export function fillReply(reply: Reply, captures: Captures): Reply {
  if (Object.keys(captures).length === 0) return reply;
  const { text, json, toolCalls, ...rest } = reply;
  return {
    ...rest,
    ...(text === undefined ? {} : { text: fillText(text, captures) }),
    ...(json === undefined ? {} : { json: fillValue(json, captures) }),
    ...(toolCalls === undefined
      ? {}
      : {
          toolCalls: toolCalls.map((call) => ({
            name: call.name,
            arguments: fillRecord(call.arguments, captures),
          })),
        }),
  };
}

type Json = NonNullable<Reply['json']> | null;

function fillValue(value: Json, captures: Captures): Json {
  if (typeof value === 'string') return fillText(value, captures);
  if (Array.isArray(value)) return value.map((item) => fillValue(item, captures));
  if (typeof value === 'object' && value !== null) return fillRecord(value, captures);
  return value;
}

function fillRecord(record: Readonly<Record<string, Json>>, captures: Captures): Record<string, Json> {
  return Object.fromEntries(Object.entries(record).map(([key, item]) => [key, fillValue(item, captures)]));
}

function fillText(text: string, captures: Captures): string {
  return text.replace(/\$\{([A-Za-z_]\w*)\}/g, (whole, name: string) =>
    Object.hasOwn(captures, name) ? (captures[name] ?? whole) : whole,
  );
}
