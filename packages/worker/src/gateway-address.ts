import type { GatewayAddress } from '@agentswarm/core';
import { startLoopbackForwarder, type ForwarderOptions } from './loopback-forwarder.ts';

/** The gateway as an agent sees it: a base URL ending in `/v1`. Disposing ends the way to it. */
export interface OpenGateway extends AsyncDisposable {
  readonly baseUrl: string;
}

/** Makes the gateway reachable over HTTP: a socket through a loopback port, a URL as it is. */
export async function openGateway(address: GatewayAddress, options: ForwarderOptions): Promise<OpenGateway> {
  if (address.kind === 'url') {
    return { baseUrl: withVersion(address.url), [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const forwarder = await startLoopbackForwarder(address.path, options);
  return {
    baseUrl: `http://127.0.0.1:${forwarder.port}/v1`,
    [Symbol.asyncDispose]: () => forwarder[Symbol.asyncDispose](),
  };
}

function withVersion(url: string): string {
  const bare = url.replace(/\/+$/, '');
  return bare.endsWith('/v1') ? bare : `${bare}/v1`;
}
