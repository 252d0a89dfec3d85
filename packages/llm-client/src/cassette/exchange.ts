import { z } from 'zod';

export const CASSETTE_VERSION = 1;

const ms = z.int().min(0);

const WholeBodySchema = z.strictObject({ kind: z.literal('whole'), atMs: ms, text: z.string() });
const StreamBodySchema = z.strictObject({
  kind: z.literal('stream'),
  chunks: z.array(z.strictObject({ atMs: ms, data: z.string() })),
});

/** One line of a cassette. Times without a name of their own count from the start of the exchange. */
export const CassetteExchangeSchema = z.strictObject({
  version: z.literal(CASSETTE_VERSION),
  /** Since the recorder began. */
  startedAtMs: ms,
  /** Name of the endpoint. */
  endpoint: z.string(),
  /** The model that was asked for; empty where the request named none. */
  model: z.string(),
  request: z.strictObject({
    method: z.enum(['GET', 'POST']),
    path: z.string().startsWith('/'),
    /** JSON; a text that is none stays a text; null for GET. */
    body: z.json(),
  }),
  /** Null: the connection ended before an answer began. */
  response: z
    .strictObject({
      status: z.int().min(100).max(599),
      headers: z.record(z.string(), z.string()),
      headAtMs: ms,
      body: z.discriminatedUnion('kind', [WholeBodySchema, StreamBodySchema]),
    })
    .nullable(),
  /** `cut`: the connection broke; `truncated`: the answer exceeded the recorder's limit and its rest is lost. */
  end: z.enum(['complete', 'cut', 'truncated']),
});

/** A recorded request and its answer. */
export type CassetteExchange = z.infer<typeof CassetteExchangeSchema>;
export type RecordedResponse = NonNullable<CassetteExchange['response']>;
export type Json = z.infer<ReturnType<typeof z.json>>;

/** The bytes of a body as text. */
export function textOfBody(body: RecordedResponse['body']): string {
  return body.kind === 'whole' ? body.text : body.chunks.map(({ data }) => data).join('');
}

/** When the last of an answer came. */
export function endOfBodyMs({ headAtMs, body }: RecordedResponse): number {
  return body.kind === 'whole' ? body.atMs : (body.chunks.at(-1)?.atMs ?? headAtMs);
}
