import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Clock } from '@agentswarm/core';
import type { PlayedAnswer } from './model-player.ts';

/** Writes an answer at its pace and no faster than it is read; rejects with the signal's reason when aborted. */
export async function sendPlayedAnswer(
  response: ServerResponse,
  answer: PlayedAnswer,
  pace: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  const { clock, signal } = pace;
  if (answer.delayMs > 0) await clock.sleep(answer.delayMs, signal);
  if (answer.head === undefined) {
    response.destroy();
    return;
  }
  response.writeHead(answer.head.status, answer.head.headers);
  for await (const { afterMs, data } of answer.chunks) {
    if (afterMs > 0) {
      response.flushHeaders();
      await clock.sleep(afterMs, signal);
    }
    signal.throwIfAborted();
    if (!response.write(data)) await once(response, 'drain', { signal });
  }
  if (answer.end === 'complete') {
    response.end();
    return;
  }
  breakOff(response);
}

/** Breaks the connection inside an answer. What was written still arrives; only its end is missing. */
export function breakOff(response: ServerResponse): void {
  response.flushHeaders();
  response.socket?.destroySoon();
}
