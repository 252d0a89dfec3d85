import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A registry, or anything else that speaks HTTP, on a loopback port. */
export interface LocalServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
}

export async function startLocalServer(
  answer: RequestListener = (_request, response) => response.end('registry'),
): Promise<LocalServer> {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
