import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Tokens of every answer. */
export const ANSWER_TOKENS = 200;

const frame = (choices: readonly object[], usage: object | null = null) =>
  `data: ${JSON.stringify({ id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 1, model: 'bench', choices, usage })}\n\n`;
const delta = (content: string) => frame([{ index: 0, delta: { content }, finish_reason: null }]);
const CHUNKS = Array.from({ length: ANSWER_TOKENS }, (_, index) => delta(` word${index}`));
const END = [
  frame([{ index: 0, delta: {}, finish_reason: 'stop' }]),
  frame([], { prompt_tokens: 10, completion_tokens: ANSWER_TOKENS, total_tokens: 10 + ANSWER_TOKENS }),
  'data: [DONE]\n\n',
].join('');

/** A model server that writes one event a token, at a pace or as fast as it can. */
export async function startPacedServer(): Promise<{ readonly url: string }> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { temperature } = JSON.parse(body) as { temperature?: number };
      // The pace travels in a field that every client and gateway passes on.
      void answer(response, temperature === 1 ? 50 : undefined);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function answer(response: ServerResponse, tokensPerSecond: number | undefined): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const startedAt = performance.now();
  for (const [index, chunk] of CHUNKS.entries()) {
    if (tokensPerSecond !== undefined) {
      await sleep(Math.max(0, startedAt + ((index + 1) * 1000) / tokensPerSecond - performance.now()));
    }
    response.write(chunk);
  }
  response.end(END);
}
