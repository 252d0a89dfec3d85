import { performServerHandshake, type ServerHttp2Session } from 'node:http2';
import type { Duplex } from 'node:stream';
import { SESSION_BOUNDS } from './guard-terms.ts';

/** What may be under way from each connection: so much each costs the host at most. */
const WINDOW_BYTES = 256 * 1024;
/** For what a guard has to say, besides its connections. */
const MORE_STREAMS = 8;
/** More than a guard ever sends. */
const MAX_HEADERS = 8;
const MAX_HEADER_BYTES = 1024;
/** Programs inside may break many connections, and a flood of them must come to an end. */
const RESETS = { atOnce: 10_000, perSecond: 1_000 };

/** The host's end of the session. Whoever speaks at the other end may be hostile: all that it can use up has bounds. */
export function openGuardSession(wire: Duplex): ServerHttp2Session {
  const session = performServerHandshake(wire, {
    settings: {
      initialWindowSize: WINDOW_BYTES,
      maxConcurrentStreams: SESSION_BOUNDS.connections + MORE_STREAMS,
      maxHeaderListSize: MAX_HEADER_BYTES,
    },
    maxHeaderListPairs: MAX_HEADERS,
    streamResetBurst: RESETS.atOnce,
    streamResetRate: RESETS.perSecond,
    maxSessionMemory: SESSION_BOUNDS.memoryMb,
  });
  session.setLocalWindowSize(SESSION_BOUNDS.windowBytes);
  return session;
}
