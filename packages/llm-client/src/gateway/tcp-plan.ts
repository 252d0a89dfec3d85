import { isIPv4 } from 'node:net';
import { LlmError } from '../errors.ts';
import type { TcpAddress } from './gateway.ts';

/** Where a gateway listens on TCP. */
export interface TcpPlan {
  readonly host: string;
  readonly port: number;
  /** By which it is known besides. */
  readonly names: readonly string[];
}

/**
 * Decides where to listen; nowhere by default.
 *
 * @throws {LlmError} GATEWAY_UNAVAILABLE when other machines could connect and `allowRemote` does not say so.
 */
export function planTcp(tcp: boolean | TcpAddress | undefined): TcpPlan | undefined {
  if (tcp === undefined || tcp === false) return undefined;
  const { host = '127.0.0.1', port = 0, allowRemote = false, names = [] } = tcp === true ? {} : tcp;
  if (isLoopback(host) || allowRemote) return { host, port, names };
  throw new LlmError(
    'GATEWAY_UNAVAILABLE',
    `gateway would listen on ${host}, where other machines can reach it`,
    {
      details: { host },
    },
  );
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}
