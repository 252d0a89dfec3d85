import { mkdirSync, rmSync } from 'node:fs';
import { constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { createServer, type ListenOptions } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errnoOf } from '../../errno-of.ts';
import { SESSION_BOUNDS, type DoorPlace } from './guard-terms.ts';
import { breakOff, joinStreams } from './join-streams.ts';

/** A request to the host that is no door. */
export interface HostRequest {
  /** It was answered, or never can be. */
  readonly answered: Promise<void>;
  /** What it was about is over. */
  readonly end: () => void;
}

export function askHost(session: ClientHttp2Session, name: string): HostRequest {
  const stream = connectTo(session, name).resume();
  const answered = Promise.withResolvers<void>();
  stream.once('response', () => answered.resolve());
  stream.once('close', answered.resolve);
  // Followed by `close`; that the host is gone is noticed elsewhere.
  stream.on('error', () => answered.resolve());
  return { answered: answered.promise, end: () => void stream.end() };
}

/** The label of a process that is being killed goes before what it listens on does. */
const PATIENCE_MS = 5_000;
const PAUSE_MS = 20;

/** Opens a way to the host, in place of one that was there. */
export async function openDoor(
  place: DoorPlace,
  host: { readonly session: ClientHttp2Session; readonly name: string },
): Promise<void> {
  const giveUpAtMs = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await listen(place, host);
    } catch (error) {
      if (errnoOf(error) !== 'EADDRINUSE' || performance.now() > giveUpAtMs) throw error;
      await sleep(PAUSE_MS);
    }
  }
}

async function listen(place: DoorPlace, host: Parameters<typeof openDoor>[1]): Promise<void> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    if (host.session.closed || host.session.destroyed) return breakOff(socket);
    // What comes first goes along with the request; a refusal breaks the connection.
    joinStreams(socket, connectTo(host.session, host.name));
  });
  server.maxConnections = SESSION_BOUNDS.connections;
  const listened = Promise.withResolvers<void>();
  server.once('error', listened.reject);
  server.listen(preparePlace(place), listened.resolve);
  await listened.promise;
}

function connectTo(session: ClientHttp2Session, name: string): ClientHttp2Stream {
  return session.request(
    { [constants.HTTP2_HEADER_METHOD]: 'CONNECT', [constants.HTTP2_HEADER_AUTHORITY]: name },
    { endStream: false },
  );
}

function preparePlace(place: DoorPlace): ListenOptions {
  if (place.kind === 'port') return { host: '127.0.0.1', port: place.port };
  mkdirSync(dirname(place.path), { recursive: true });
  rmSync(place.path, { force: true });
  return { path: place.path, readableAll: true, writableAll: true };
}
