import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '@agentswarm/core';
import { managerEnvironment, proxyEnvironment } from './command-environment.ts';
import type { EgressPolicy } from './egress-policy.ts';
import { startEgressProxy } from './egress-proxy.ts';
import { RELAY_URL } from './relay.ts';

/** How commands of one sandbox get out, where their network is neither shut nor open. */
export interface Egress extends AsyncDisposable {
  /** What package managers are told, unless a command says otherwise. */
  readonly defaults: Readonly<Record<string, string>>;
  /** What leads to the proxy; there is no other way, whatever a command says. */
  readonly env: Readonly<Record<string, string>>;
  /** The proxy's socket on the host, for commands behind a relay. */
  readonly socketPath?: string;
  /** The proxy's loopback port on the host, for the others. */
  readonly port?: number;
}

export interface EgressOptions {
  readonly policy: EgressPolicy;
  /** Settings of package managers on the host. */
  readonly managers: Readonly<Record<string, string>>;
  /** Commands do not see the loopback ports of the host. */
  readonly bySocket: boolean;
  readonly logger: Logger;
}

/** Starts a proxy of its own for a sandbox: what one does with it, no other notices. */
export async function openEgress(options: EgressOptions): Promise<Egress> {
  const { policy, managers, bySocket, logger } = options;
  await using resources = new AsyncDisposableStack();
  const open = (url: string) => {
    const owned = resources.move();
    return {
      defaults: managerEnvironment(managers, policy),
      env: proxyEnvironment(url, policy.onLoopback),
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  };
  if (!bySocket) {
    const { port } = resources.use(await startEgressProxy({ policy, logger }));
    return { ...open(`http://127.0.0.1:${port}`), ...(port === undefined ? {} : { port }) };
  }
  // A short path: the name of a socket has room for about a hundred characters.
  const folder = await mkdtemp(join(tmpdir(), 'agentswarm-'));
  resources.defer(() => rm(folder, { recursive: true, force: true }));
  const socketPath = join(folder, 'egress.sock');
  resources.use(await startEgressProxy({ policy, socketPath, logger }));
  return { ...open(RELAY_URL), socketPath };
}
