import { completionBody, completionChunks, type Answer } from './completion-body.ts';
import type { PlayedAnswer } from './model-player.ts';
import { playedJson } from './played-json.ts';

const STREAM_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
};

/** An answer in the form that was asked for. */
export function playedCompletion(
  answer: Answer,
  how: {
    readonly stream: boolean;
    readonly includeUsage: boolean;
    /** Before the first byte. */
    readonly delayMs: number;
    /** Time to write the answer: spread over the chunks of a stream, waited at once otherwise. */
    readonly durationMs: number;
  },
): PlayedAnswer {
  const { delayMs, durationMs } = how;
  if (!how.stream) {
    return playedJson({ status: 200, body: completionBody(answer), delayMs: delayMs + durationMs });
  }
  const events = [...completionChunks(answer, how.includeUsage)].map(
    (chunk) => `data: ${JSON.stringify(chunk)}\n\n`,
  );
  const afterMs = durationMs / events.length;
  const done = { afterMs: 0, data: 'data: [DONE]\n\n' };
  return {
    delayMs,
    head: { status: 200, headers: STREAM_HEADERS },
    chunks: [...events.map((data) => ({ afterMs, data })), done],
    end: 'complete',
  };
}
