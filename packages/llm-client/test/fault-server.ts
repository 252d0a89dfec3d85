import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenRequest {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** Counted from 1. */
  readonly number: number;
}

/** May take its time, but does not reject: the other side may leave at any moment. */
export type Behaviour = (response: ServerResponse, request: SeenRequest) => unknown;

export interface FaultServer extends AsyncDisposable {
  readonly url: string;
  readonly seen: readonly SeenRequest[];
  /** Requests whose connection the other side closed before the answer was complete. */
  abandoned(): number;
}

/** A real HTTP server on loopback that behaves exactly as badly as told. */
export async function startFaultServer(behave: Behaviour, port = 0): Promise<FaultServer> {
  const seen: SeenRequest[] = [];
  let abandoned = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    response.on('close', () => {
      if (!response.writableFinished) abandoned += 1;
    });
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const entry = {
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
        number: seen.length + 1,
      };
      seen.push(entry);
      void behave(response, entry);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    abandoned: () => abandoned,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

export function json(response: ServerResponse, status: number, body: unknown, headers: object = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** Without `usage` when it is undefined. */
export function completion(text: string, usage: unknown): object {
  return {
    id: 'c1',
    object: 'chat.completion',
    created: 1,
    model: 'm-reported',
    choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
    ...(usage === undefined ? {} : { usage }),
  };
}

export function errorBody(message: string): object {
  return { error: { message, type: 'x', code: null, param: null } };
}

/** The first request meets the first behaviour and so on; all later ones meet the last. */
export const answers =
  (...behaviours: readonly Behaviour[]): Behaviour =>
  (response, request) =>
    (behaviours[request.number - 1] ?? behaviours.at(-1))?.(response, request);

export const says =
  (text: string, usage: unknown = { prompt_tokens: 7, completion_tokens: 5 }): Behaviour =>
  (response) =>
    json(response, 200, completion(text, usage));

export const fails =
  (status: number, message = 'no', headers: object = {}): Behaviour =>
  (response) =>
    json(response, status, errorBody(message), headers);

export const hangs: Behaviour = () => {};

/** Announces a body, sends some of it and breaks the connection. */
export const cutsBody: Behaviour = (response) => {
  const body = JSON.stringify(completion('never complete', undefined));
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
  response.write(body.slice(0, 40), () => response.destroy());
};

export function chunk(delta: object, finishReason: string | null = null): string {
  const body = {
    id: 'c1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm-reported',
    choices: [{ index: 0, delta, finish_reason: finishReason }],
  };
  return `data: ${JSON.stringify(body)}\n\n`;
}

export const cutsStream: Behaviour = (response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(chunk({ role: 'assistant', content: 'Hel' }), () => response.destroy());
};
