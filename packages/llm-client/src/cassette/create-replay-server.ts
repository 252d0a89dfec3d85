import { existsSync } from 'node:fs';
import type { Clock, Logger, Secret } from '@agentswarm/core';
import type { LlmEndpoint } from '../endpoint/endpoint.ts';
import { createPlayerServer, type PlayerServer } from '../player/create-player-server.ts';
import {
  createCassettePlayer,
  type CassettePlayerOptions,
  type ReplayedRequest,
} from './create-cassette-player.ts';
import { createCassetteRecorder } from './create-cassette-recorder.ts';
import type { MatchMode } from './exchange-selector.ts';
import { createMissingForwarder } from './forward-missing.ts';
import type { ReplayTiming } from './play-exchange.ts';
import { readCassette, type Cassette } from './read-cassette.ts';

interface ReplayBasics {
  /** Default `recorded`. */
  readonly timing?: ReplayTiming;
  /** Overwritten wherever they occur, in what is asked and in what is recorded. */
  readonly secrets?: Iterable<Secret>;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Default 0: a free one. */
  readonly port?: number;
  readonly logger?: Logger;
  readonly clock?: Clock;
  /** Hears how each chat request is answered, before the answer is sent. Contract: does not throw. */
  readonly onRequest?: (request: ReplayedRequest) => void;
}

export type ReplayServerOptions = ReplayBasics &
  (
    | { readonly mode: MatchMode; readonly cassette: Cassette }
    | {
        /** As strict; what is not recorded is asked of the endpoint and appended. */
        readonly mode: 'record-missing';
        /** File of the cassette, made if missing. */
        readonly path: string;
        readonly endpoint: LlmEndpoint;
      }
  );

/**
 * Starts an OpenAI-compatible HTTP server that answers from a cassette.
 *
 * @throws {LlmError} CASSETTE_INVALID; ENDPOINT_INVALID when the endpoint's URL is not usable. Disposing rejects
 * with CASSETTE_INVALID when an exchange could not be appended.
 * @example
 * await using server = await createReplayServer({ cassette: await readCassette(path), mode: 'strict' });
 */
export async function createReplayServer(options: ReplayServerOptions): Promise<PlayerServer> {
  if (options.mode !== 'record-missing') {
    const { cassette } = options;
    return await createPlayerServer({ ...options, player: createCassettePlayer(cassette, options) });
  }
  const { path, endpoint } = options;
  const cassette = existsSync(path) ? await readCassette(path) : { exchanges: [], cut: false };
  const keys = endpoint.apiKey === undefined ? [] : [endpoint.apiKey];
  const recording = { ...options, secrets: [...(options.secrets ?? []), ...keys] };
  const recorder = createCassetteRecorder({ ...recording, path });
  const onMiss = createMissingForwarder(endpoint, { ...options, recorder });
  const playing: CassettePlayerOptions = { ...recording, mode: 'strict', onMiss };
  const server = await createPlayerServer({ ...options, player: createCassettePlayer(cassette, playing) });
  const close = async () => {
    await server.close();
    await recorder[Symbol.asyncDispose]();
  };
  return { ...server, close, [Symbol.asyncDispose]: close };
}
