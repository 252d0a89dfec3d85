import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What happens to a chat request instead of being passed on. */
export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** The answer begins and the connection is cut. */
  | { readonly kind: 'cut' };

export interface FaultProxy extends AsyncDisposable {
  readonly url: string;
  /** Chat requests seen, faulty ones included. */
  readonly requests: () => number;
}

/** A real HTTP server in front of a model server that spoils the first chat requests, one fault each. */
export async function createFaultProxy(upstream: string, faults: readonly Fault[]): Promise<FaultProxy> {
  let requests = 0;
  const server = createServer((incoming, outgoing) => {
    const fault = incoming.url?.endsWith('/chat/completions') ? faults[requests++] : undefined;
    if (fault === undefined) pass(incoming, outgoing, upstream);
    else spoil(incoming, outgoing, fault);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function spoil(incoming: IncomingMessage, outgoing: ServerResponse, fault: Fault): void {
  incoming.resume();
  if (fault.kind === 'status') {
    outgoing.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers });
    outgoing.end(JSON.stringify({ error: { message: `planted ${fault.status}`, type: 'planted' } }));
    return;
  }
  outgoing.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
  outgoing.write('{"choices":[{"mess');
  setImmediate(() => outgoing.destroy());
}

function pass(incoming: IncomingMessage, outgoing: ServerResponse, upstream: string): void {
  const target = new URL(incoming.url ?? '/', upstream);
  const onward = request(
    target,
    { method: incoming.method, headers: { ...incoming.headers, host: target.host } },
    (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    },
  );
  onward.once('error', () => outgoing.destroy());
  incoming.pipe(onward);
}
