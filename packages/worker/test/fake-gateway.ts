import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ChatRequest {
  readonly authorization: string | undefined;
  readonly body: {
    readonly model: string;
    readonly temperature: number;
    readonly max_tokens: number;
    readonly tools: readonly { readonly function: { readonly name: string } }[];
    readonly messages: readonly { readonly role: string; readonly content: unknown }[];
  };
}

export interface ToolCall {
  readonly tool: string;
  readonly args: unknown;
}

/** What the model answers to one request. */
export type Reply =
  | { readonly calls: readonly ToolCall[]; readonly text?: string }
  | { readonly text: string }
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }
  | { readonly cutAfter: string }
  | { readonly hang: true };

/** A small OpenAI-compatible server with streaming that answers request after request from a list. */
export async function startFakeGateway(
  replies: readonly Reply[] | ((request: ChatRequest, index: number) => Reply),
  listen: { readonly socket?: string } = {},
) {
  const requests: ChatRequest[] = [];
  const server = createServer((request, response) => {
    void readBody(request).then((text) => {
      const chat = {
        authorization: request.headers.authorization,
        body: JSON.parse(text) as ChatRequest['body'],
      };
      const index = requests.push(chat) - 1;
      const reply = typeof replies === 'function' ? replies(chat, index) : replies[index];
      answer(response, reply ?? { status: 400, body: `no reply for request ${index}` }, index);
    });
  });
  await new Promise<void>((resolve) => {
    if (listen.socket === undefined) server.listen(0, '127.0.0.1', resolve);
    else server.listen(listen.socket, resolve);
  });
  const url =
    listen.socket === undefined ? `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` : undefined;
  return {
    requests,
    address:
      listen.socket === undefined
        ? { kind: 'url' as const, url: url ?? '' }
        : { kind: 'socket' as const, path: listen.socket },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
  return text;
}

function answer(response: ServerResponse, reply: Reply, index: number): void {
  if ('hang' in reply) return;
  if ('status' in reply) {
    response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
    response.end(reply.body ?? JSON.stringify({ error: { message: 'refused by the test', type: 'test' } }));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (delta: unknown, finish: string | null = null) =>
    response.write(
      `data: ${JSON.stringify({
        id: `chatcmpl-${index}`,
        object: 'chat.completion.chunk',
        model: 'test-model',
        choices: [{ index: 0, delta, finish_reason: finish }],
      })}\n\n`,
    );
  if ('cutAfter' in reply) {
    send({ role: 'assistant', content: reply.cutAfter });
    setImmediate(() => response.destroy());
    return;
  }
  if (reply.text !== undefined) send({ role: 'assistant', content: reply.text });
  const calls = 'calls' in reply ? reply.calls : [];
  calls.forEach(({ tool, args }, position) => {
    const call = { index: position, id: `call_${index}_${position}`, type: 'function' };
    send({ tool_calls: [{ ...call, function: { name: tool, arguments: '' } }] });
    const text = JSON.stringify(args);
    for (const part of [text.slice(0, 7), text.slice(7)]) {
      send({ tool_calls: [{ index: position, function: { arguments: part } }] });
    }
  });
  send({}, calls.length > 0 ? 'tool_calls' : 'stop');
  response.write(
    `data: ${JSON.stringify({ id: `chatcmpl-${index}`, choices: [], usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } })}\n\n`,
  );
  response.end('data: [DONE]\n\n');
}
