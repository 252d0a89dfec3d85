import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Logger } from '@agentswarm/core';

/** A loopback port that leads to a Unix socket. */
export interface LoopbackForwarder extends AsyncDisposable {
  readonly port: number;
}

export interface ForwarderOptions {
  readonly logger: Logger;
  /** Default: any free one. */
  readonly port?: number;
}

/**
 * Listens on a port of 127.0.0.1 and passes bytes to and from a Unix socket, unchanged.
 * Disposing it ends the listener and every connection.
 */
export async function startLoopbackForwarder(
  socketPath: string,
  { logger, port = 0 }: ForwarderOptions,
): Promise<LoopbackForwarder> {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (inside) => {
    const outside = connect({ path: socketPath, allowHalfOpen: true });
    for (const [from, to] of [
      [inside, outside],
      [outside, inside],
    ] as const) {
      open.add(from);
      from.pipe(to);
      from.once('close', (broken) => {
        open.delete(from);
        if (broken) to.destroy();
        else to.end();
      });
      from.once('error', (error) => {
        logger.warn({ error: String(error), socketPath }, 'connection to the model gateway broke');
      });
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
