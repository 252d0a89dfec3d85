import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Clock } from '@agentswarm/core';
import { sendJson } from '../http/open-ai-error.ts';
import { completionBody, completionChunks, type Answer } from './completion-body.ts';

interface Delivery {
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly tokensPerSecond: number | undefined;
  readonly clock: Clock;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

/** Writes an answer, whole or as server-sent events, at the scripted pace. */
export async function sendAnswer(
  response: ServerResponse,
  answer: Answer,
  delivery: Delivery,
): Promise<void> {
  const { stream, tokensPerSecond, clock, signal } = delivery;
  const totalMs =
    tokensPerSecond === undefined ? 0 : (answer.usage.completion_tokens / tokensPerSecond) * 1000;
  if (!stream) {
    if (totalMs > 0) await clock.sleep(totalMs, signal);
    sendJson(response, { status: 200, body: completionBody(answer) });
    return;
  }
  const chunks = [...completionChunks(answer, delivery.includeUsage)];
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
  });
  for (const chunk of chunks) {
    if (totalMs > 0) await clock.sleep(totalMs / chunks.length, signal);
    const hasRoom = response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    if (!hasRoom) await once(response, 'drain', { signal });
  }
  response.end('data: [DONE]\n\n');
}
