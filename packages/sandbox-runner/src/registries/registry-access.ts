import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '@agentswarm/core';
import { startRegistryProxy } from './registry-proxy.ts';
import { registryEnvironment, type RegistrySettings } from './registry-settings.ts';
import { RELAY_URL } from './relay.ts';

/** How commands of a sandbox reach package registries. */
export interface RegistryAccess {
  readonly env: Readonly<Record<string, string>>;
  /** The proxy's socket on the host, for commands behind a relay. */
  readonly socketPath?: string;
  /** The proxy's loopback port on the host, for the others. */
  readonly port?: number;
}

/** One proxy for all sandboxes of a backend, started with the first that needs it. */
export interface SharedRegistryAccess extends AsyncDisposable {
  open(): Promise<RegistryAccess>;
}

export interface RegistryAccessOptions {
  readonly settings: RegistrySettings;
  /** Commands do not see the loopback ports of the host. */
  readonly bySocket: boolean;
  readonly logger: Logger;
}

export function createRegistryAccess(options: RegistryAccessOptions): SharedRegistryAccess {
  const resources = new AsyncDisposableStack();
  let opening: Promise<RegistryAccess> | undefined;
  return {
    open: () => (opening ??= start(options, resources)),
    [Symbol.asyncDispose]: async () => {
      // A proxy that could not be started has nothing to end; who asked for it was told.
      await Promise.allSettled([opening]);
      await resources.disposeAsync();
    },
  };
}

async function start(
  { settings, bySocket, logger }: RegistryAccessOptions,
  resources: AsyncDisposableStack,
): Promise<RegistryAccess> {
  if (!bySocket) {
    const { port } = resources.use(await startRegistryProxy({ settings, logger }));
    return { env: registryEnvironment(settings, `http://127.0.0.1:${port}`), ...(port ? { port } : {}) };
  }
  // A short path: the name of a socket has room for about a hundred characters.
  const folder = await mkdtemp(join(tmpdir(), 'agentswarm-'));
  resources.defer(() => rm(folder, { recursive: true, force: true }));
  const socketPath = join(folder, 'registries.sock');
  resources.use(await startRegistryProxy({ settings, socketPath, logger }));
  return { env: registryEnvironment(settings, RELAY_URL), socketPath };
}
