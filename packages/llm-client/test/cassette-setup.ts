import { join } from 'node:path';
import { systemClock, type Clock } from '@agentswarm/core';
import {
  createCassetteRecorder,
  type CassetteExchange,
  type CassetteRecorderOptions,
  type ExchangeRecorder,
} from '@agentswarm/llm-client/cassette';
import { makeTempDir } from './script-dir.ts';

/** What a client saw of an answer. */
export interface SeenAnswer {
  readonly status: number | undefined;
  readonly type: string | null;
  readonly text: string;
  /** The answer came to its end. */
  readonly whole: boolean;
}

export const chatBody = (content: string, extra: object = {}) =>
  JSON.stringify({ model: 'm', messages: [{ role: 'user', content }], ...extra });

/** Posts a chat request and keeps what arrives, telling a recorder of it as it happens. */
export async function callChat(
  url: string,
  body: string,
  how: { readonly recorder?: ExchangeRecorder; readonly timeoutMs?: number } = {},
): Promise<SeenAnswer> {
  const tap = how.recorder?.begin({ method: 'POST', path: '/chat/completions', body, endpoint: 'origin' });
  const chunks: Uint8Array[] = [];
  let head: Response | undefined;
  const seen = (whole: boolean): SeenAnswer => {
    tap?.end(whole ? 'complete' : 'cut');
    const type = head?.headers.get('content-type') ?? null;
    return { status: head?.status, type, text: Buffer.concat(chunks).toString(), whole };
  };
  try {
    const signal = AbortSignal.timeout(how.timeoutMs ?? 30_000);
    head = await fetch(`${url}/v1/chat/completions`, { method: 'POST', body, signal });
    tap?.head(head.status, Object.fromEntries(head.headers));
    const stream: AsyncIterable<Uint8Array> | null = head.body;
    for await (const chunk of stream ?? []) {
      tap?.chunk(chunk);
      chunks.push(chunk);
    }
    return seen(true);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return seen(false);
  }
}

/** A recorder into a fresh file. */
export async function recordIntoFile(
  options: Partial<CassetteRecorderOptions> = {},
): Promise<
  AsyncDisposable & { readonly path: string; readonly recorder: ExchangeRecorder & AsyncDisposable }
> {
  const dir = await makeTempDir();
  const path = join(dir.path, 'deep/run.cassette.jsonl');
  const recorder = createCassetteRecorder({ path, ...options });
  return { path, recorder, [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose]() };
}

/** A clock that stands still but for sleeps and pushes. */
export function createManualClock(): Clock & { push(byMs: number): void; readonly slept: number[] } {
  let nowMs = 1_000;
  const slept: number[] = [];
  return {
    slept,
    nowMs: () => nowMs,
    push: (byMs) => {
      nowMs += byMs;
    },
    async sleep(delayMs, signal) {
      signal?.throwIfAborted();
      slept.push(delayMs);
      nowMs += delayMs;
      await systemClock.sleep(0);
    },
  };
}

/** An exchange as a recorder writes it; a whole answer of one text unless told otherwise. */
export function exchangeOf(
  body: CassetteExchange['request']['body'],
  answer: Partial<CassetteExchange> & { readonly text?: string } = {},
): CassetteExchange {
  const { text = 'yes', ...rest } = answer;
  const completion = {
    id: 'c',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
  };
  return {
    version: 1,
    startedAtMs: 0,
    endpoint: 'origin',
    model: 'm',
    request: { method: 'POST', path: '/chat/completions', body },
    response: {
      status: 200,
      headers: { 'content-type': 'application/json' },
      headAtMs: 5,
      body: { kind: 'whole', atMs: 9, text: JSON.stringify(completion) },
    },
    end: 'complete',
    ...rest,
  };
}
