import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRedactor, systemClock, type Clock, type SwarmConfig } from '@agentswarm/core';
import type { LlmEndpoint } from '@agentswarm/llm-client';
import { secretsOf } from '../config/load-config.ts';
import type { CliContext } from '../context.ts';
import { createLocalServer, type LocalServerProcess } from './local-server.ts';

export interface LocalServersOptions {
  readonly config: SwarmConfig;
  readonly endpoints: readonly LlmEndpoint[];
  /** Where the command was typed, and its environment: servers run there and with it. */
  readonly context: Pick<CliContext, 'directory' | 'env'>;
  readonly clock?: Clock;
}

/** The model servers of this machine that a command may start. Disposing it ends those it did start. */
export interface LocalServers extends AsyncDisposable {
  /** All endpoints; those whose configuration says how can be started. */
  readonly endpoints: readonly LlmEndpoint[];
}

/** Gives endpoints the means to start their servers; starts nothing yet. */
export async function createLocalServers(options: LocalServersOptions): Promise<LocalServers> {
  const { config, endpoints, context, clock = systemClock } = options;
  const commands = new Map(config.llmEndpoints?.map(({ name, start }) => [name, start]));
  const startable = endpoints.filter(({ name }) => commands.get(name) !== undefined);
  if (startable.length === 0) return { endpoints, [Symbol.asyncDispose]: async () => {} };
  const folder = await mkdtemp(join(tmpdir(), 'agentswarm-servers-'));
  const redact = createRedactor(secretsOf(config));
  const servers = new Map<string, LocalServerProcess>();
  for (const [index, endpoint] of startable.entries()) {
    const command = commands.get(endpoint.name) ?? [];
    const outputPath = join(folder, `server-${index + 1}.log`);
    servers.set(endpoint.name, createLocalServer({ endpoint, command, outputPath, context, redact, clock }));
  }
  return {
    endpoints: endpoints.map((endpoint) => {
      const localServer = servers.get(endpoint.name);
      return localServer === undefined ? endpoint : { ...endpoint, localServer };
    }),
    async [Symbol.asyncDispose]() {
      const all = [...servers.values()];
      await Promise.all(all.map((server) => server.end()));
      // What a server that failed has printed is named in the error, for a person to read.
      if (!all.some(({ hasFailed }) => hasFailed)) await rm(folder, { recursive: true, force: true });
    },
  };
}
