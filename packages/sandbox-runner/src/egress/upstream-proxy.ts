import { request } from 'node:http';
import type { Socket } from 'node:net';
import { SandboxError } from '../errors.ts';
import { nameOf, type Destination } from './destination.ts';

/** How long anybody may take to answer a new connection. */
export const CONNECT_TIMEOUT_MS = 30_000;

/** Opens a connection to a destination through the proxy of the host. */
export function connectThrough(proxyUrl: string, to: Destination): Promise<Socket> {
  const { hostname, port } = new URL(proxyUrl);
  return new Promise((resolve, reject) => {
    const asking = request({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port || 80),
      method: 'CONNECT',
      path: nameOf(to),
      headers: { host: nameOf(to) },
      agent: false,
      timeout: CONNECT_TIMEOUT_MS,
    });
    asking.once('connect', (answer, socket) => {
      asking.off('error', reject);
      socket.setTimeout(0);
      if (answer.statusCode === 200) return resolve(socket);
      socket.destroy();
      const message = `the proxy of the host answered ${answer.statusCode}`;
      reject(new SandboxError('SANDBOX_SETUP_FAILED', message, { details: { destination: nameOf(to) } }));
    });
    asking.once('response', (answer) => {
      answer.resume();
      reject(new SandboxError('SANDBOX_SETUP_FAILED', `the proxy of the host answered ${answer.statusCode}`));
    });
    asking.once('timeout', () => asking.destroy(new Error('no answer')));
    asking.once('error', reject);
    asking.end();
  });
}
