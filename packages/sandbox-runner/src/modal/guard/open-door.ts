import { mkdirSync, rmSync } from 'node:fs';
import { constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { createServer, type ListenOptions } from 'node:net';
import { dirname } from 'node:path';
import { MAX_CONNECTIONS, type DoorPlace } from './guard-terms.ts';
import { breakOff, joinStreams } from './join-streams.ts';

/** Something the host was told. */
export interface Message {
  /** It was heard, or never can be. */
  readonly heard: Promise<void>;
  /** What it was about is over. */
  readonly end: () => void;
}

export function tellHost(session: ClientHttp2Session, name: string): Message {
  const stream = connectTo(session, name).resume();
  const heard = Promise.withResolvers<void>();
  stream.once('response', () => heard.resolve());
  stream.once('close', heard.resolve);
  // Followed by `close`; that the host is gone is noticed elsewhere.
  stream.on('error', () => heard.resolve());
  return { heard: heard.promise, end: () => void stream.end() };
}

/** Opens a way to the host, in place of one that was there. */
export async function openDoor(
  place: DoorPlace,
  host: { readonly session: ClientHttp2Session; readonly name: string },
): Promise<void> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    if (host.session.closed || host.session.destroyed) return breakOff(socket);
    // What comes first goes along with the request; a refusal breaks the connection.
    joinStreams(socket, connectTo(host.session, host.name));
  });
  server.maxConnections = MAX_CONNECTIONS;
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
