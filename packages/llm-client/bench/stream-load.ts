import { setTimeout as sleep } from 'node:timers/promises';
import { createLlmClient } from '@agentswarm/llm-client';
import OpenAI from 'openai';

/** What one process with so many streams at once saw. */
export interface LoadResult {
  /** Milliseconds from the request to the first token, one a stream. */
  readonly firstTokenMs: readonly number[];
  readonly tokens: number;
  readonly wallMs: number;
  /** Processor time of the process, milliseconds a stream. */
  readonly cpuMsPerStream: number;
}

export interface Load {
  readonly url: string;
  readonly key: string;
  /** Through the bare SDK, or through our client. */
  readonly through: 'sdk' | 'client';
  readonly streams: number;
  readonly concurrency: number;
  /** Lanes begin so long after each other. */
  readonly staggerMs: number;
  readonly paced: boolean;
}

const MESSAGES = [{ role: 'user' as const, content: 'Write two hundred words.' }];

/** Reads streams, `concurrency` at a time, in this process. */
export async function runLoad(load: Load): Promise<LoadResult> {
  const openStream = load.through === 'sdk' ? sdkStreams(load) : clientStreams(load);
  const firstTokenMs: number[] = [];
  let tokens = 0;
  let begun = 0;
  const lane = async (index: number) => {
    await sleep(index * load.staggerMs);
    while (begun < load.streams) {
      begun += 1;
      const startedAt = performance.now();
      let read = 0;
      for await (const text of openStream(load.paced)) {
        if (text === '') continue;
        if (read === 0) firstTokenMs.push(performance.now() - startedAt);
        read += 1;
      }
      tokens += read;
    }
  };
  // Connects, and compiles what reads a stream.
  for await (const text of openStream(false)) tokens += text.length * 0;
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: load.concurrency }, (_, index) => lane(index)));
  const wallMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpu);
  return { firstTokenMs, tokens, wallMs, cpuMsPerStream: (user + system) / 1000 / load.streams };
}

function sdkStreams({ url, key }: Load): (paced: boolean) => AsyncIterable<string> {
  const sdk = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 });
  return async function* (paced) {
    const stream = await sdk.chat.completions.create({
      model: 'bench',
      messages: MESSAGES,
      max_completion_tokens: 400,
      temperature: paced ? 1 : 0,
      stream: true,
      stream_options: { include_usage: true },
    });
    for await (const chunk of stream) yield chunk.choices[0]?.delta.content ?? '';
  };
}

function clientStreams({ url }: Load): (paced: boolean) => AsyncIterable<string> {
  const llm = createLlmClient({
    endpoints: [{ name: 'bench', baseUrl: url, model: 'bench' }],
    maxTokens: 400,
    temperature: 0,
    timeoutMs: 60_000,
  });
  return async function* (paced) {
    const request = { role: 'worker' as const, messages: MESSAGES, temperature: paced ? 1 : 0 };
    for await (const part of llm.stream(request)) {
      if (part.type === 'text') yield part.text;
    }
  };
}
