import { connect, type Socket } from 'node:net';
import { errnoOf } from '../errors.ts';
import { isAddress, nameOf, type Destination } from './destination.ts';
import { refusalOf, type EgressPolicy } from './egress-policy.ts';
import type { ResolveHost } from './resolve-host.ts';
import { CONNECT_TIMEOUT_MS, connectThrough } from './upstream-proxy.ts';

/** What came of the wish to reach a destination; `reason` is a sentence for whoever asked. */
type Dialled =
  | { readonly kind: 'connected'; readonly to: Destination; readonly socket: Socket }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unreachable'; readonly reason: string };

export type Dial = (to: Destination | undefined) => Promise<Dialled>;

export interface DialOptions {
  readonly policy: EgressPolicy;
  readonly resolve: ResolveHost;
}

/**
 * Connects to what the policy admits, and to the very addresses that were checked: nothing looks the name
 * up a second time, when it could lead elsewhere.
 */
export function createDial({ policy, resolve }: DialOptions): Dial {
  return async (to) => {
    if (to === undefined || !policy.admits(to)) return { kind: 'refused', reason: refusalOf(policy, to) };
    try {
      const upstream = policy.upstreamFor(to);
      const addresses = await addressesOf(to, upstream);
      const forbidden = addresses.find((address) => !policy.mayBeAt(to, address));
      if (forbidden !== undefined) {
        return { kind: 'refused', reason: `${nameOf(to)} leads to ${forbidden}, which is not public.` };
      }
      const socket = await (upstream === undefined ? connectTo(to, addresses) : connectThrough(upstream, to));
      return { kind: 'connected', to, socket };
    } catch (error) {
      return { kind: 'unreachable', reason: `${nameOf(to)} could not be reached: ${String(error)}.` };
    }
  };

  async function addressesOf(to: Destination, upstream: string | undefined): Promise<readonly string[]> {
    if (isAddress(to)) return [to.host];
    if (upstream === undefined) return resolve(to.host);
    if (!policy.checksUpstream) return [];
    // Behind a proxy, names of the internet often have no address here.
    return resolve(to.host).catch((error: unknown) => {
      if (errnoOf(error) === undefined) throw error;
      return [];
    });
  }
}

function connectTo({ host, port }: Destination, addresses: readonly string[]): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    const socket = connect({
      host,
      port,
      autoSelectFamily: true,
      lookup: (_host, _options, callback) => callback(null, found),
    });
    const abandon = setTimeout(() => socket.destroy(new Error('no answer')), CONNECT_TIMEOUT_MS);
    const fail = (error: Error) => {
      clearTimeout(abandon);
      reject(error);
    };
    socket.once('error', fail);
    socket.once('connect', () => {
      clearTimeout(abandon);
      socket.off('error', fail);
      resolve(socket);
    });
  });
}
