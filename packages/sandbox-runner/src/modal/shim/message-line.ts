import { z } from 'zod';
import { ShimFailureSchema, type ShimFailure } from '../protocol/failure.ts';
import type { Notice, NoticeName } from '../protocol/messages.ts';
import { FROM_SHIM } from '../protocol/notifications.ts';

/** What a line of the shim is. The result of a call is checked by whoever called. */
export type Incoming =
  | { readonly kind: 'result'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly failure: ShimFailure }
  | { readonly kind: 'notice'; readonly notice: Notice }
  | { readonly kind: 'malformed'; readonly why: string };

const Envelope = z.union([
  z.strictObject({ jsonrpc: z.literal('2.0'), id: z.int(), result: z.unknown() }),
  z.strictObject({ jsonrpc: z.literal('2.0'), id: z.int().nullable(), error: ShimFailureSchema }),
  z.strictObject({ jsonrpc: z.literal('2.0'), method: z.string(), params: z.unknown() }),
]);

/** Writes one message as the line it is sent as; without an id it wants no answer. */
export function encodeMessage(message: {
  readonly id?: number;
  readonly method: string;
  readonly params: unknown;
}): string {
  return `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`;
}

export function parseMessage(line: string): Incoming {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return { kind: 'malformed', why: `a line is not JSON: ${String(error)}` };
  }
  const parsed = Envelope.safeParse(value);
  if (!parsed.success) return { kind: 'malformed', why: 'a line is no message' };
  const message = parsed.data;
  if ('method' in message) return parseNotice(message.method, message.params);
  if ('result' in message) return { kind: 'result', id: message.id, result: message.result };
  const { id, error } = message;
  if (id === null) return { kind: 'malformed', why: `it did not understand a message: ${error.message}` };
  return { kind: 'failure', id, failure: error };
}

function parseNotice(method: string, params: unknown): Incoming {
  if (!isNoticeName(method)) return { kind: 'malformed', why: `there is no notification ${method}` };
  const parsed = FROM_SHIM[method].safeParse(params);
  if (!parsed.success) return { kind: 'malformed', why: `${method} is not as it should be` };
  return { kind: 'notice', notice: { method, params: parsed.data } as Notice };
}

function isNoticeName(method: string): method is NoticeName {
  return Object.hasOwn(FROM_SHIM, method);
}
