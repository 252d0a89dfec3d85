import { silentLogger, systemClock, type Clock, type Logger } from '@agentswarm/core';
import { createPlayerServer, type PlayerServer } from '../player/create-player-server.ts';
import { createScriptedPlayer, type ScriptedRequest } from './create-scripted-player.ts';
import { loadScript } from './load-script.ts';

export interface ScriptedModelServerOptions {
  /** Holds `model.json` and the `*.rules.json` files. Read once, at the start. */
  readonly scriptDir: string;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Default 0: a free one. */
  readonly port?: number;
  readonly logger?: Logger;
  readonly clock?: Clock;
  /** Hears how each chat request is answered, before the answer is sent. Contract: does not throw. */
  readonly onRequest?: (request: ScriptedRequest) => void;
}

/** A running server of authored answers. Disposing it cuts open answers. */
export interface ScriptedModelServer extends PlayerServer {
  /** The model it plays. */
  readonly model: string;
}

/**
 * Starts an OpenAI-compatible HTTP server that plays authored answers, chosen by what the request holds. It
 * keeps no state: a repeated request gets the same answer. Any bearer token is accepted, or none.
 *
 * @throws {LlmError} SCRIPT_INVALID listing every problem of the script with file and path.
 * @example
 * await using server = await createScriptedModelServer({ scriptDir: './script' });
 */
export async function createScriptedModelServer(
  options: ScriptedModelServerOptions,
): Promise<ScriptedModelServer> {
  const { scriptDir, onRequest, logger = silentLogger, clock = systemClock, ...place } = options;
  const script = await loadScript(scriptDir);
  const player = createScriptedPlayer(script, { logger, startedAtMs: clock.nowMs(), onRequest });
  const server = await createPlayerServer({
    ...place,
    player,
    logger,
    clock,
    onTooLarge: ({ status, message }) => onRequest?.({ status, problem: message }),
  });
  return { ...server, model: script.model };
}
