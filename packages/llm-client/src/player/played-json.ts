import { openAiErrorBody, type OpenAiError } from '../http/open-ai-error.ts';
import type { PlayedAnswer } from './model-player.ts';

/** A JSON answer in one piece, sent at once. */
export function playedJson(answer: {
  readonly status: number;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly delayMs?: number;
}): PlayedAnswer {
  return playedText({
    status: answer.status,
    text: JSON.stringify(answer.body),
    headers: { 'content-type': 'application/json', ...answer.headers },
    delayMs: answer.delayMs ?? 0,
  });
}

/** An answer of a known length in one piece. */
export function playedText(answer: {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly delayMs: number;
}): PlayedAnswer {
  const { status, text, headers, delayMs } = answer;
  const length = String(Buffer.byteLength(text));
  return {
    delayMs,
    head: { status, headers: { ...headers, 'content-length': length } },
    chunks: [{ afterMs: 0, data: text }],
    end: 'complete',
  };
}

export function playedError(
  error: OpenAiError,
  headers: Readonly<Record<string, string>> = {},
): PlayedAnswer {
  return playedJson({ status: error.status, body: openAiErrorBody(error), headers });
}

/** The answer to `GET /models`. */
export function playedModels(
  ids: readonly string[],
  about: { readonly createdSeconds: number; readonly ownedBy: string },
): PlayedAnswer {
  const data = ids.map((id) => ({
    id,
    object: 'model',
    created: about.createdSeconds,
    owned_by: about.ownedBy,
  }));
  return playedJson({ status: 200, body: { object: 'list', data } });
}
