import type { PlayedAnswer, PlayedChunk } from '../player/model-player.ts';
import { playedCompletion } from '../player/played-completion.ts';
import { playedText } from '../player/played-json.ts';
import { endOfBodyMs, type CassetteExchange, type RecordedResponse } from './exchange.ts';
import { readAnswer } from './read-answer.ts';

/** `recorded`: at the recorded pace; `none`: at once. */
export type ReplayTiming = 'recorded' | 'none';

/** The form of answer a client waits for. */
export interface AskedForm {
  readonly stream: boolean;
  readonly includeUsage: boolean;
}

/**
 * A recorded exchange as an answer. With `form`, a chat completion recorded in the other form is written anew:
 * at once, when the recorded one would have been complete; one that was never complete is cut.
 */
export function playExchange(
  exchange: CassetteExchange,
  how: { readonly timing: ReplayTiming; readonly form?: AskedForm },
): PlayedAnswer {
  const { response } = exchange;
  const factor = how.timing === 'recorded' ? 1 : 0;
  if (response === null) return { delayMs: 0, head: undefined, chunks: [], end: 'cut' };
  const converted =
    how.form === undefined ? undefined : convert(exchange, response, { form: how.form, factor });
  if (converted !== undefined) return converted;
  const { status, headers } = response;
  if (response.body.kind === 'whole' && exchange.end === 'complete') {
    const { text, atMs } = response.body;
    return playedText({ status, headers, text, delayMs: atMs * factor });
  }
  return {
    delayMs: response.headAtMs * factor,
    head: { status, headers },
    chunks: chunksOf(response, factor),
    end: exchange.end === 'complete' ? 'complete' : 'cut',
  };
}

function* chunksOf({ headAtMs, body }: RecordedResponse, factor: number): Generator<PlayedChunk> {
  const chunks = body.kind === 'stream' ? body.chunks : [{ atMs: body.atMs, data: body.text }];
  let beforeMs = headAtMs;
  for (const { atMs, data } of chunks) {
    yield { afterMs: Math.max(0, atMs - beforeMs) * factor, data };
    beforeMs = atMs;
  }
}

/** Undefined when the answer has that form already or is an error, which is the same in both. */
function convert(
  exchange: CassetteExchange,
  response: RecordedResponse,
  to: { readonly form: AskedForm; readonly factor: number },
): PlayedAnswer | undefined {
  const { form, factor } = to;
  if ((response.body.kind === 'stream') === form.stream) return undefined;
  const answer = readAnswer(response);
  if (answer === undefined) return undefined;
  const delayMs = endOfBodyMs(response) * factor;
  const played = playedCompletion(answer, { ...form, delayMs, durationMs: 0 });
  return exchange.end === 'complete' ? played : { ...played, head: undefined, chunks: [], end: 'cut' };
}
